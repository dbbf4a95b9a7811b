"use strict";
(function () {
  var all = function (s, e) { return Array.prototype.slice.call((e || document).querySelectorAll(s)); };
  var byID = function (id) { return document.getElementById(id); };
  var root = document.documentElement;
  var search = byID("search"), only = byID("only"), shown = byID("shown"), none = byID("none"), theme = byID("theme");
  var rows = all("tr.row"), findings = all(".finding"), groups = all(".group"), bodies = all("tbody.workload");
  var cells = {};
  all(".cell").forEach(function (c) { cells[c.getAttribute("href").slice(1)] = c; });
  var text = new Map();
  rows.forEach(function (r) { text.set(r, r.textContent.toLowerCase()); });
  findings.forEach(function (f) { text.set(f, (f.parentNode.querySelector("h3").textContent + " " + f.textContent).toLowerCase()); });

  // The words that are looked for: all must be there.
  function words() { return search.value.toLowerCase().split(/\s+/).filter(Boolean); }
  function off(kind) {
    var set = {};
    all(".filter[data-" + kind + "][aria-pressed=false]").forEach(function (b) { set[b.dataset[kind]] = true; });
    return set;
  }

  function apply() {
    var want = words(), noRuns = off("runs"), noSeverity = off("severity");
    var matches = function (e) { return want.every(function (w) { return text.get(e).indexOf(w) >= 0; }); };
    var r = 0, f = 0;
    rows.forEach(function (row) {
      var ok = !noRuns[row.dataset.runs] && (!only.checked || row.dataset.findings !== "0") && matches(row);
      row.hidden = !ok;
      if (cells[row.id]) { cells[row.id].classList.toggle("off", !ok); }
      if (ok) { r++; }
    });
    // The first row that is shown of a workload names it.
    bodies.forEach(function (b) {
      var first = true;
      all("tr.row", b).forEach(function (row) {
        row.querySelector(".object").classList.toggle("lead", first && !row.hidden);
        if (!row.hidden) { first = false; }
      });
      b.hidden = first;
    });
    findings.forEach(function (e) {
      var ok = !noSeverity[e.dataset.severity] && matches(e);
      e.hidden = !ok;
      if (ok) { f++; }
    });
    groups.forEach(function (g) { g.hidden = !g.querySelector(".finding:not([hidden])"); });
    none.hidden = f > 0 || findings.length === 0;
    shown.textContent = (rows.length ? r + " of " + rows.length + " containers, " : "") + f + " of " + findings.length + " findings";
  }

  function reset() {
    search.value = ""; only.checked = false;
    all(".filter").forEach(function (b) { b.setAttribute("aria-pressed", "true"); });
    apply();
  }

  // A press on one of several that are all on shows that one alone.
  function press(button) {
    var kind = button.dataset.runs ? "runs" : "severity";
    var peers = all(".filter[data-" + kind + "]:enabled");
    var on = function (b) { return b.getAttribute("aria-pressed") === "true"; };
    if (peers.every(on)) {
      peers.forEach(function (b) { b.setAttribute("aria-pressed", String(b === button)); });
    } else {
      button.setAttribute("aria-pressed", String(!on(button)));
      if (!peers.some(on)) { peers.forEach(function (b) { b.setAttribute("aria-pressed", "true"); }); }
    }
    apply();
  }

  all(".filter").forEach(function (b) { b.addEventListener("click", function () { press(b); }); });
  search.addEventListener("input", apply);
  only.addEventListener("change", apply);
  byID("reset").addEventListener("click", function () { reset(); search.focus(); });
  document.addEventListener("keydown", function (e) {
    if (e.key === "/" && document.activeElement !== search) { e.preventDefault(); search.focus(); search.select(); }
    if (e.key === "Escape") { reset(); }
  });

  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function isDark() { return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches; }
  function label() { theme.textContent = isDark() ? "Light" : "Dark"; }
  theme.addEventListener("click", function () { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
  dark.addEventListener("change", label);

  // What a link leads to is shown even if it is filtered.
  window.addEventListener("hashchange", function () {
    var target = byID(decodeURIComponent(location.hash.slice(1)));
    if (target && (target.hidden || target.closest("[hidden]"))) { reset(); target.scrollIntoView(); }
  });

  byID("tools").hidden = false;
  theme.hidden = false;
  label();
  apply();
})();
