// Comfort only: every page works without this file.
(function () {
  "use strict";

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  // Copy: the text of an element, or the value of a field.
  function textOf(source) {
    if ("value" in source && source.tagName === "INPUT") { return source.value; }
    var items = source.querySelectorAll("li code");
    if (items.length === 0) { return source.textContent.trim(); }
    return Array.prototype.map.call(items, function (item) { return item.textContent.trim(); }).join("\n");
  }

  each("button[data-copy]", function (button) {
    var source = document.getElementById(button.getAttribute("data-copy"));
    if (!source || !navigator.clipboard) { return; }
    var label = button.querySelector("span");
    var before = label.textContent;
    var said = document.createElement("span");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    button.insertAdjacentElement("afterend", said);
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(textOf(source)).then(function () {
        label.textContent = "Copied";
        said.textContent = "Copied";
        setTimeout(function () { label.textContent = before; said.textContent = ""; }, 2000);
      }, function () {
        if (source.select) { source.select(); }
      });
    });
  });

  each("button[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // Show and hide what is typed into a password field.
  each('input[type="password"]', function (field) {
    var wrap = document.createElement("span");
    wrap.className = "password-field";
    var hadFocus = document.activeElement === field;
    field.parentNode.insertBefore(wrap, field);
    wrap.appendChild(field);
    if (hadFocus) { field.focus(); }
    var toggle = document.createElement("button");
    toggle.type = "button";
    toggle.className = "password-toggle";
    toggle.textContent = "Show";
    toggle.setAttribute("aria-controls", field.id);
    toggle.addEventListener("click", function () {
      var shown = field.type === "text";
      field.type = shown ? "password" : "text";
      toggle.textContent = shown ? "Show" : "Hide";
    });
    wrap.appendChild(toggle);
    if (field.form) {
      field.form.addEventListener("submit", function () { field.type = "password"; });
    }
  });

  // A form is sent once. A page that comes back from the browser's memory may send again.
  each('form[method="post"]', function (form) {
    form.addEventListener("submit", function (event) {
      if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
      form.setAttribute("data-sent", "yes");
      if (event.submitter) { event.submitter.setAttribute("aria-busy", "true"); }
      setTimeout(function () { release(form); }, 10000);
    });
  });

  function release(form) {
    form.removeAttribute("data-sent");
    Array.prototype.forEach.call(form.querySelectorAll("[aria-busy]"), function (button) {
      button.removeAttribute("aria-busy");
    });
  }

  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    each("form[data-sent]", release);
  });

  // The ring starts at the second that the server chose. A page that slept, or came back from
  // the browser's memory, has lost time: its animations are moved to where they should stand.
  var loaded = Date.now();
  function setRings() {
    each(".ring", function (ring) {
      if (!ring.getAnimations) { return; }
      ring.getAnimations({ subtree: true }).forEach(function (animation) {
        animation.currentTime = Date.now() - loaded;
      });
    });
  }
  window.addEventListener("pageshow", function (event) { if (event.persisted) { setRings(); } });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { setRings(); } });

  // A row menu closes on Escape, and when another place is clicked.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    each("details.menu[open]", function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", function (event) {
    each("details.menu[open]", function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });
}());
