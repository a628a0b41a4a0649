// Shows the API's own description in Swagger UI, from this server alone.
SwaggerUIBundle({
  url: '/api/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null,
});
