"use strict";
const place = document.getElementById("swagger-ui");

// Swagger UI is dark where the page has this class.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// Swagger UI's own layout has a <main> and a title, and the page has both: ours draws only the addresses.
const layout = ({ React }) => ({ components: { Addresses: ({ getComponent, specSelectors }) => React.createElement(
  "div", { className: "swagger-ui" }, React.createElement(getComponent("errors", true)),
  specSelectors.loadingStatus() === "success" ? React.createElement(getComponent("operations", true)) : null,
) } });

// What Swagger UI leaves out, given to all that it draws: names of fields, and a stop for the keyboard where text scrolls.
function complete() {
  for (const field of place.querySelectorAll("tr[data-param-name] :is(input, select, textarea):not([aria-label])"))
    field.setAttribute("aria-label", field.closest("tr").dataset.paramName);
  for (const field of place.querySelectorAll("select:not([aria-label], [id])")) field.setAttribute("aria-label", "Media type");
  for (const text of place.querySelectorAll("pre:not([tabindex])")) text.tabIndex = 0;
}
new MutationObserver(complete).observe(place, { childList: true, subtree: true });

SwaggerUIBundle({
  domNode: place, url: place.dataset.schema, validatorUrl: null, presets: [SwaggerUIBundle.presets.apis],
  plugins: [layout], layout: "Addresses", syntaxHighlight: { activated: false },
  tryItOutEnabled: true, defaultModelsExpandDepth: 0,
});
