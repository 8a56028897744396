"use strict";
const place = document.getElementById("swagger-ui");
SwaggerUIBundle({
  domNode: place, url: place.dataset.schema, validatorUrl: null, presets: [SwaggerUIBundle.presets.apis],
  tryItOutEnabled: true, defaultModelsExpandDepth: 0,
});
