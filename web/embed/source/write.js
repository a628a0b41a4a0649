// Everything that those who write need and those who read do not.
import { wear } from './dom.js';
import css from './write.css';
import { composer } from './composer.js';
import { appealLine, object } from './appeals.js';
import { noticeOf } from './notice.js';
import { own, post } from './posting.js';
import { ask, close, edit, lay, reply, report, withdraw } from './forms.js';

wear(css);

/** The forms below a comment, by what they do. */
export const forms = { reply, edit, withdraw, report, object };
/** What a discussion does with one who writes. */
export const writing = { composer, appealLine, noticeOf, own, post, ask, lay, close };
