"""The stylesheet of a report: the tokens of the house and the parts of its desk pages that a report has.

A report is one file that is sent around, so it brings its style with it.
"""

STYLE = """
:root {
  --bg: #f1f4f3; --paper: #ffffff; --ink: #13212a; --ink-2: #4a5a63; --line: #d5dddb; --edge: #72838a;
  --petrol: #0d5565; --petrol-tint: #e1eef0; --data: #0d5565; --post: #b07d1e;
  --good: #1d6b43; --warn: #7a4f00; --warn-tint: #fbf0d8; --bad: #a3271c; --focus: #13212a;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, P052, "URW Palladio L", "Noto Serif", Georgia, serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", "JetBrains Mono", "DejaVu Sans Mono", monospace;
  --t-2: .8125rem; --t-1: .9rem; --t0: 1rem; --t1: 1.25rem; --t2: 1.5rem; --t3: 1.875rem;
  --s1: .25rem; --s2: .5rem; --s3: .75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2rem; --s7: 3rem; --s8: 4.5rem; --r: 4px;
}
@supports (color: light-dark(#000, #fff)) {
  :root {
    color-scheme: light dark;
    --bg: light-dark(#f1f4f3, #0f1619); --paper: light-dark(#ffffff, #172125);
    --ink: light-dark(#13212a, #e6edec); --ink-2: light-dark(#4a5a63, #a9b8bb);
    --line: light-dark(#d5dddb, #2b3a40); --edge: light-dark(#72838a, #7b8d93);
    --petrol: light-dark(#0d5565, #7cc2ce); --petrol-tint: light-dark(#e1eef0, #17343b);
    --data: light-dark(#0d5565, #57a3b1); --post: light-dark(#b07d1e, #d9a94e);
    --good: light-dark(#1d6b43, #82d1a5);
    --warn: light-dark(#7a4f00, #efc274); --warn-tint: light-dark(#fbf0d8, #362a10);
    --bad: light-dark(#a3271c, #ff9f92); --focus: light-dark(#13212a, #f3d9a2);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 400 var(--t0)/1.55 var(--sans); overflow-wrap: break-word; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.2; margin: 0; text-wrap: balance; }
h1 { font-size: clamp(1.6rem, 1.35rem + 1.3vw, var(--t3)); letter-spacing: -.01em; }
h2 { font-size: var(--t2); }
p, ul, dl, figure { margin: 0; padding: 0; }
p { text-wrap: pretty; }
b, dt { font-weight: 600; }
a { color: var(--petrol); text-underline-offset: .2em; }
.small { font-size: var(--t-1); }
.quiet { color: var(--ink-2); }
.mono { font-family: var(--mono); font-size: .9em; font-variant-ligatures: none; }
.stack > * + * { margin-block-start: var(--s4); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 3px; border-radius: var(--r); }
.visually-hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; inset-block-start: -6rem; inset-inline-start: var(--s4); padding: var(--s3) var(--s4); background: var(--paper); z-index: 2; }
.skip:focus { inset-block-start: var(--s3); }
.bar { background: var(--paper); border-block-end: 1px solid var(--line); }
.bar > div, main { max-inline-size: 76rem; margin-inline: auto; padding-inline: var(--s5); }
.bar > div { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 var(--s6); min-block-size: 3.25rem; }
.org { display: inline-flex; align-items: center; gap: var(--s3); font-weight: 600; }
.mark { inline-size: 1.75rem; block-size: 1.75rem; flex: none; }
.mark path { fill: none; stroke: currentcolor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.mark .p { stroke: var(--post); } .mark circle { fill: var(--post); }
main { padding-block: var(--s6) var(--s8); }
main > * + * { margin-block-start: var(--s6); }
.lead { font-size: var(--t1); max-inline-size: 50rem; line-height: 1.45; }
.lead > span, .lines > span { display: block; } .lead > span + span { margin-block-start: var(--s2); }
.note { padding: var(--s4); border-radius: var(--r); background: var(--warn-tint); border-inline-start: 4px solid var(--warn); }
.panel { background: var(--paper); border: 1px solid var(--line); border-radius: var(--r); padding: var(--s5); container-type: inline-size; }
.panel > * + * { margin-block-start: var(--s4); } .panel h2 + p { margin-block-start: var(--s1); }
.grid { display: grid; gap: var(--s5); grid-template-columns: minmax(0, 1fr); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); border-block: 1px solid var(--line); }
.figures > div { padding: var(--s4) var(--s4) var(--s4) 0; }
.figures dt { font-weight: 400; color: var(--ink-2); font-size: var(--t-1); }
.figures dd { margin: 0; font-variant-numeric: lining-nums tabular-nums; }
.figures .big { font-size: var(--t3); font-weight: 600; line-height: 1.2; letter-spacing: -.02em; }
.figures .worse { color: var(--bad); font-weight: 600; }
.tag { display: inline-block; padding: .1rem .5rem; border: 1px solid currentcolor; border-radius: 99px; font-size: var(--t-2); font-weight: 600; color: var(--ink-2); white-space: nowrap; }
.tag-good { color: var(--good); } .tag-warn { color: var(--warn); } .tag-bad { color: var(--bad); } .tag-now { color: var(--petrol); }
.scroll { position: relative; overflow-x: auto; background: linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--line), transparent) right / 1.25rem 100% no-repeat scroll; }
table { border-collapse: collapse; inline-size: 100%; font-size: var(--t-1); }
th, td { text-align: start; vertical-align: baseline; padding: .6rem var(--s5) .6rem 0; border-block-end: 1px solid var(--line); }
thead th { color: var(--ink-2); font-weight: 400; vertical-align: bottom; } tbody th { font-weight: 600; min-inline-size: 9rem; }
td { white-space: nowrap; }
.r { text-align: end; font-variant-numeric: lining-nums tabular-nums; white-space: nowrap; } tr > :last-child { padding-inline-end: 0; }
thead th, thead .r { white-space: normal; }
details > summary { cursor: pointer; color: var(--petrol); text-decoration: underline 1px; text-underline-offset: .2em; padding-block: var(--s2); }
.plot { display: block; inline-size: 100%; overflow: visible; font: 400 var(--t-2)/1 var(--sans); font-variant-numeric: tabular-nums; }
.plot text { fill: var(--ink-2); } .plot .strong { fill: var(--ink); font-weight: 600; }
.plot .grid-l { stroke: var(--line); stroke-width: 1; } .plot .base { stroke: var(--edge); stroke-width: 1; }
.plot-in { overflow: visible; x: 2.75rem; width: calc(100% - 2.75rem); }
.plot .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.f-data { fill: var(--data); } .f-bad { fill: var(--bad); } .f-line { fill: var(--line); } .f-paper { fill: var(--paper); } .f-edge { fill: var(--edge); }
.k-data { stroke: var(--data); } .k-edge { stroke: var(--edge); } .k-bad { stroke: var(--bad); } .k-ink { stroke: var(--ink); }
.plot [class^="k-"], .key [class^="k-"] { fill: none; } .plot .f-paper[class*="k-"], .key .f-paper { fill: var(--paper); }
.key { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s5); font-size: var(--t-1); color: var(--ink-2); }
.key span { display: inline-flex; align-items: center; }
.key svg { inline-size: 1.5rem; block-size: .75rem; margin-inline-end: var(--s2); flex: none; }
.points { padding-inline-start: 1.1rem; } .points > li + li { margin-block-start: var(--s2); }
@media (max-width: 30rem) { .bar > div, main, .panel { padding-inline: var(--s4); } }
@container (max-width: 30rem) { .wide-only { display: none; } }
@media (min-width: 60rem) { .grid-2 { grid-template-columns: repeat(2, minmax(0, 1fr)); } .grid-2 th, .grid-2 td { padding-inline-end: var(--s4); } }
@media (prefers-contrast: more) { :root { --ink-2: var(--ink); --line: var(--edge); } }
@media (forced-colors: active) { .plot text { fill: CanvasText; } .plot .halo { stroke: Canvas; } .mark path { stroke: CanvasText; } }
@media print { .skip { display: none; } .panel { break-inside: avoid; } }
"""
