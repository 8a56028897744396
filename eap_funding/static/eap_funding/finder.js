// The form of the list, and links in [data-swap], change the list in place. Without script they load whole pages.
(() => {
  const PAUSE = 200; // ms after a key
  let shown = location.pathname + location.search, running, timer, pressed;

  const read = async (address, signal) => {
    const response = await fetch(address, { signal });
    return [response.url, new DOMParser().parseFromString(await response.text(), "text/html")];
  };
  const ticked = ({ name, value }) => name && document.querySelector(`#finder [name="${name}"][value="${CSS.escape(value)}"]`);
  const addressOf = (form) => {
    const given = [...new FormData(form)].filter(([, value]) => value.trim());
    return given.length ? `${form.action}?${new URLSearchParams(given)}` : form.action;
  };

  const show = async (address) => {
    running?.abort();
    const { signal } = (running = new AbortController());
    document.getElementById("finder").classList.add("waiting");
    try {
      const loaded = await read(address, signal);
      await pressed; // a swap would take away what is being clicked
      signal.throwIfAborted();
      swap(...loaded);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  };

  // What was open stays open, and the focus stays where it was, with what somebody typed there meanwhile.
  const swap = (address, page) => {
    const focused = document.activeElement, place = focused.getBoundingClientRect().top;
    const filters = document.getElementById("filters"), isInFilters = filters?.contains(focused);
    const isStacked = filters && !getComputedStyle(filters.parentElement).gridTemplateColumns.includes(" ");
    const open = [...document.querySelectorAll("#main details[id]")].map(({ id, open }) => [id, open]);

    if (address !== location.href) history.pushState(null, "", address);
    shown = location.pathname + location.search;
    if (!page.getElementById("main")) return document.documentElement.replaceWith(page.documentElement); // a proxy's page
    document.title = page.title;
    for (const id of ["main", "languages"]) document.getElementById(id)?.replaceWith(page.getElementById(id) ?? "");

    for (const [id, wasOpen] of open) {
      const details = document.getElementById(id);
      if (details && !details.querySelector(".error")) details.open = wasOpen;
    }
    const result = document.querySelector("#main .errors") ?? document.getElementById("result") ?? document.getElementById("main");
    const same = focused.id ? document.getElementById(focused.id) : ticked(focused);
    const isTyping = same && same.value?.trim() !== focused.value?.trim();
    if (isTyping) same.value = focused.value;
    if (same && (isTyping || !isStacked)) {
      same.focus({ preventScroll: true });
      if (isInFilters) scrollBy({ top: same.getBoundingClientRect().top - place, behavior: "instant" });
    } else {
      result.tabIndex = -1;
      result.focus({ preventScroll: true });
      if (isStacked || result.getBoundingClientRect().top < 0) result.scrollIntoView();
    }
    document.getElementById("announcement").textContent = result.textContent.replace(/\s+/g, " ").trim();
  };

  // Values of a long facet whose names match what is typed
  const offer = async (field) => {
    const list = field.nextElementSibling, all = list.nextElementSibling.querySelector("a"), words = field.value.trim();
    const address = new URL(all.href);
    address.searchParams.set("called", words);
    const [, page] = words ? await read(address).catch(() => []) : [];
    if (field.value.trim() === words) list.replaceChildren(...(page?.querySelectorAll(".values > li, .no-values") ?? []));
  };

  document.addEventListener("change", ({ target }) => target.name && target.form?.id === "finder" && show(addressOf(target.form)));
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "finder") return;
    event.preventDefault();
    show(addressOf(event.target));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#finder [data-swap] a:not([href^='#'])");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href);
  });
  addEventListener("pointerdown", ({ button }) => {
    if (button > 0) return;
    pressed = new Promise((done) => ["pointerup", "pointercancel"].forEach((end) => addEventListener(end, () => setTimeout(done), { once: true })));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".find")) event.preventDefault(); // it finds while somebody types
  });
  document.addEventListener("input", ({ target }) => {
    if (!target.matches(".find")) return;
    clearTimeout(timer);
    timer = setTimeout(offer, PAUSE, target);
  });
  addEventListener("popstate", () => {
    if (location.pathname + location.search === shown) return;
    running?.abort();
    location.reload();
  });
  addEventListener("pagehide", () => running?.abort());
  addEventListener("pageshow", ({ persisted }) => {
    const form = document.getElementById("finder");
    if (!persisted || !form) return;
    form.classList.remove("waiting");
    form.reset(); // to what the list shows
  });
})();
