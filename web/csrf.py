"""The token without which no session changes anything."""

from flask_wtf.csrf import CSRFProtect

# Applied by the console and the moderation API; readers' requests carry no cookie to abuse.
csrf = CSRFProtect()
