"""The report page's style sheet and script; both are inline, so that the page needs nothing from anywhere."""

STYLE = """
:root{--ink:#1d2433;--dim:#667085;--paper:#fff;--card:#f6f7f9;--line:#e1e5ec;--c1:#2f6fed;--c2:#e07a1f;--c3:#c0362c;--c4:#8250df;
--got:#ffe99a;--gold:#bfe8c4;--good:#1a7f37;--bad:#c0362c}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#98a2b3;--paper:#14171d;--card:#1d222b;--line:#323945;--c1:#6ea0ff;
--c2:#f0a058;--c3:#ff7b72;--c4:#bc8cff;--got:#6b5600;--gold:#1e5a2c;--good:#56d364;--bad:#ff7b72}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:76rem;color:var(--ink);background:var(--paper);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
p{margin:.4rem 0}.dim,.notes{color:var(--dim)}.notes li{margin:.1rem 0}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.i{color:var(--dim);white-space:nowrap;font-variant-numeric:tabular-nums}
th.g{color:var(--c1);font-weight:600}
.scroll{overflow-x:auto}.up{color:var(--good)}.down{color:var(--bad)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(26rem,1fr));gap:1.25rem}
figure{margin:0;padding:1rem;background:var(--card);border-radius:.6rem}figcaption{font-weight:600;margin-bottom:.4rem}
svg{width:100%;height:auto;display:block}
.grid{stroke:var(--line)}.tick{fill:var(--dim);font-size:11px}.axis{fill:var(--dim);font-size:12px}
.curve{fill:none;stroke-width:2}.curve.ideal{stroke:var(--dim);stroke-dasharray:4 4}
.curve.c1{stroke:var(--c1)}.curve.c2{stroke:var(--c2)}.curve.c3{stroke:var(--c3)}.curve.c4{stroke:var(--c4)}
.dot{fill-opacity:.75}.dot.c1,.bar.c1{fill:var(--c1)}.dot.c2,.bar.c2{fill:var(--c2)}.dot.c3{fill:var(--c3)}.bar{fill-opacity:.8}
.threshold{stroke:var(--c3);stroke-dasharray:3 3;stroke-width:1.5}
.legend{font-size:.82rem;color:var(--dim);margin:.5rem 0 0}.key{margin-right:1rem;white-space:nowrap}
.key::before{content:"";display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.4em}
.key.c1::before{background:var(--c1)}.key.c2::before{background:var(--c2)}.key.c3::before{background:var(--c3)}
.key.c4::before{background:var(--c4)}
article{background:var(--card);border-radius:.6rem;padding:1rem 1.25rem;margin:0 0 1rem}
article h3{margin:0 0 .3rem;font-size:1.02rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}@media(max-width:50rem){.pair{grid-template-columns:1fr}}
.pair h4{margin:.5rem 0 .1rem;font-size:.82rem;color:var(--dim);font-weight:600}
blockquote{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.92rem}
mark{color:inherit;border-radius:2px;padding:0 .1em}mark.gold{background:var(--gold)}mark.got{background:var(--got)}
mark b{text-decoration:underline;text-decoration-thickness:2px}
.tag{display:inline-block;font-size:.78rem;padding:.05rem .5rem;border-radius:1rem;border:1px solid currentColor;
white-space:nowrap}
.wrong,.false{color:var(--bad)}.right,.rightly{color:var(--good)}
input{font:inherit;color:inherit;background:var(--card);width:100%;padding:.55rem .8rem;
border:1px solid var(--line);border-radius:.5rem}
#all td{overflow-wrap:anywhere}#all tbody tr{content-visibility:auto}
@media print{input,#all{display:none}}
"""

SCRIPT = """
const box=document.getElementById("find"),count=document.getElementById("count");
const rows=[...document.querySelectorAll("#all tbody tr")],texts=rows.map(row=>row.textContent.toLowerCase());
box.addEventListener("input",()=>{
  const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let shown=0;
  rows.forEach((row,i)=>{const on=words.every(word=>texts[i].includes(word));row.hidden=!on;shown+=on});
  count.textContent=shown.toLocaleString("en");
});
"""
