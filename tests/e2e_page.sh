#!/bin/sh
# stageplan run --html, in a real browser: it loads nothing, the panel reckons right, it
# fits on a phone, keys reach everything, names stay names.
set -u
LC_ALL=C SOURCE_DATE_EPOCH=1795305600 # 2026-11-22
export LC_ALL SOURCE_DATE_EPOCH

[ -x "${STAGEPLAN:-}" ] || { echo "not tested: STAGEPLAN names no binary"; exit 77; }
chromium=$(command -v chromium || command -v google-chrome) ||
    { echo "not tested: no chromium"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
browser=$PWD/tests/browser
failures=0

fail() {
    echo "FAILED $1"
    failures=$((failures + 1))
}

# page NAME ARGUMENTS...: $dir/NAME.html
page() {
    page_name=$1
    shift
    (cd "$dir" && "$STAGEPLAN" run -q "$@" --html "$page_name.html" </dev/null) ||
        fail "$page_name: no page"
}

# browse: commands on stdin; what it prints goes to $dir/out
browse() {
    timeout 200 "$browser" "$chromium" >"$dir/out" 2>&1
    code=$?
    [ $code -eq 77 ] && { echo "not tested: chromium does not start"; exit 77; }
    [ $code -eq 0 ] || { grep -v '^[0-9]' "$dir/out"; fail "the browser's checks (exit $code)"; }
}

cat >"$dir/small.yaml" <<'END'
scenario: small
description: Decoding on CPUs feeds a model on GPUs.
fleet:
  gpu-node: { cpu: 8, gpu: 4, memory: 64Gi, price: 12 USD/h }
  cpu-node: { cpu: 16, memory: 64Gi, price: 1.50 USD/h }
workloads:
  w:
    kind: pipeline
    source: { rate: 20/s, for: 120s }
    stages:
      decode: { cpu: 1, time: { dist: lognormal, mean: 1s, cv: 0.5 }, output: 1Mi }
      infer: { gpu: 1, batch: 4, time: { fixed: 20ms, per_item: 60ms } }
policies:
  together: { w: { units: { box: { slots: { decode: 8, infer: 1 }, count: 3 } } } }
  apart: { w: { units: { d: { slots: { decode: 1 }, count: 24 }, g: { slots: { infer: 1 }, count: 2 } } } }
END
cat >"$dir/hostile.yaml" <<'END'
scenario: "</title><script>window.hit=1</script>"
description: "<img src=x onerror='window.hit=2'> & \"quotes\" WIDE"
fleet:
  "n\"><svg onload=window.hit=3>": { cpu: 4, gpu: 1, price: 2 USD/h, count: 2 }
workloads:
  "</script><script>window.hit=4</script>":
    kind: pipeline
    source: { rate: 2/s, items: 100 }
    stages:
      "s' onfocus='window.hit=5": { cpu: 1, time: 300ms }
      "&lt;b&gt;\u05D3evil \u05D0\u05D1\u05D2 \U0001F680": { gpu: 1, time: 200ms }
policies:
  "=HYPERLINK(\"x\")<!--": { "</script><script>window.hit=4</script>": { bundle: apart } }
  "LONG": { "</script><script>window.hit=4</script>": { bundle: together } }
END
long=$(printf 'x%.0s' $(seq 300))
hundred=$(printf 'y%.0s' $(seq 100))
sed -i "s/WIDE/$long/; s/LONG/$hundred/" "$dir/hostile.yaml"

page small small.yaml -n 3
page dear small.yaml -n 3 --set 'fleet.gpu-node.price=20 USD/h'
page small-again small.yaml -n 3
cmp -s "$dir/small.html" "$dir/small-again.html" || fail "the same run gives another page"
page hostile hostile.yaml
cp "$SRCDIR/tests/scenarios/options.yaml" "$dir"
sed 's/price: 10 USD/price: 0 USD/; s/price: 4 USD/price: 0 USD/' "$dir/options.yaml" >"$dir/free.yaml"
page free free.yaml
sed '/^  together/{h;d}; $G' "$dir/small.yaml" >"$dir/last.yaml"
echo 'baseline: together' >>"$dir/last.yaml"
page last last.yaml
cat >"$dir/stuck.yaml" <<'END'
scenario: stuck
fleet:
  small: { cpu: 4, object_store: 4Mi, price: 1 USD/h, count: 1 }
  large: { cpu: 4, object_store: 4Gi, price: 2 USD/h, count: 1 }
workloads:
  w:
    kind: pipeline
    source: { items: 100 }
    stages:
      read: { cpu: 1, time: 1s, output: 1Mi }
      pair: { cpu: 1, time: 1s, gather: { in: 8, out: 1 } }
policies:
  done: { w: { units: { u: { slots: { read: 2, pair: 1 }, on: large } } } }
  jam: { w: { units: { u: { slots: { read: 2, pair: 1 }, on: small } } } }
END
page stuck stuck.yaml
page options options.yaml
page options-dear options.yaml --set 'fleet.g.price=20 USD/h'

# Nothing that would load or run, but what the page's policy names.
grep -Eq '(src|href)="(https?:|//)|<link|<iframe|@import|url\(| style="| on[a-z]+="' "$dir/small.html" &&
    fail "something that loads, or styles or script in an attribute"

# ---- what other prices would give, by another run ----
browse <<END
open $dir/dear.html
print [...document.querySelectorAll('[data-v]')].filter(e => ['usd','month','save','saved','unit','part','step','to','from'].includes(e.dataset.v.split(' ')[0])).map(e => [e.dataset.v, e.textContent])
END
dear=$(grep '^\[' "$dir/out")
[ -n "$dear" ] || fail "no figures in the page of the dear run"

# Functions that the checks below share: each is one line.
num='window.num = t => Number(t.replace(/\u2212/, "-").replace(/ .*/, "").replace(/[,+%]/g, "")); 0'
now='window.now = key => { const e = document.querySelector(`table [data-v="${key}"]`); return num((e.querySelector(".now") || e).textContent); }; 0'
set_='window.put = (id, v) => { const i = document.getElementById(id); i.value = v; i.dispatchEvent(new Event("input", {bubbles: true})); }; 0'
near='window.near = (a, b, by) => Math.abs(a - b) <= (by || 0.0101) || [a, b].join(" against "); 0'
steps='window.steps = to => { let sum = now("from " + to); for (let k = 0; k < 11; k++) sum += now(`step ${to} ${k}`); return near(sum, now("to " + to), 0.06); }; 0'
parts='window.parts = p => { let sum = 0; for (let k = 0; k < 9; k++) sum += now(`part ${p} ${k}`); return near(sum, now("usd " + p), 0.05); }; 0'
bars='window.bars = () => { const svg = document.querySelector("svg[data-chart=parts]"); const w = p => [...svg.querySelectorAll("rect")].filter(r => Math.abs(r.y.baseVal.value - 46 * p - 21) < 1).reduce((s, r) => s + r.width.baseVal.value, 0); return near(w(1) / w(0), now("usd 1") / now("usd 0"), 0.01); }; 0'
texts='window.texts = () => [...document.querySelectorAll("[data-v], svg text, #now")].map(e => e.textContent).join("|"); 0'

# rgb of a CSS colour, contrast of two (WCAG 2.2), what is behind an element
contrast='window.worst = () => { const rgb = c => (c.match(/[\d.]+/g) || []).map(Number); const lum = c => { const [r, g, b] = rgb(c).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, v = rgb(c); if (v.length === 3 || v[3] > 0) return c; } return "rgb(255,255,255)"; }; let worst = [99, ""]; for (const e of document.querySelectorAll("body *")) { if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== "")) continue; if (["SCRIPT", "STYLE", "title"].includes(e.nodeName) || e.getClientRects().length === 0 || e.closest(".skip")) continue; const s = getComputedStyle(e), a = lum(e.namespaceURI.endsWith("svg") ? s.fill : s.color), b = lum(behind(e)); const c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); if (c < worst[0]) worst = [c, e.outerHTML.slice(0, 90)]; } return worst; }; 0'
bar_contrast='window.faint = () => { const lum = c => { const [r, g, b] = c.match(/[\d.]+/g).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; const ground = lum(getComputedStyle(document.body).backgroundColor); return ["work", "redone", "transfer", "blocked", "boot", "idle", "stranded", "unused", "rounding"].filter(k => { const p = document.createElementNS("http://www.w3.org/2000/svg", "rect"); p.setAttribute("class", "p-" + k); document.querySelector("svg.chart").append(p); const a = lum(getComputedStyle(p).fill); p.remove(); return (Math.max(a, ground) + 0.05) / (Math.min(a, ground) + 0.05) < 3; }).join() || true; }; 0'

browse <<END
size 1280 900
media screen light
open $dir/small.html
quiet loads
do $num
do $now
do $set_
do $near
do $steps
do $parts
do $bars
do $texts
do $contrast
do $bar_contrast
want title: document.title === 'small \u2013 Stageplan'
want language: document.documentElement.lang === 'en'
want decision: document.querySelector('.lead').textContent.includes('apart')
want table: [...document.querySelectorAll('.compare thead th')].map(e => e.firstChild.textContent).join() === 'together,apart'
want charts: document.querySelectorAll('svg.chart').length >= 6
want charts_are_told: [...document.querySelectorAll('svg.chart')].every(s => s.getAttribute('aria-label').length > 10 && s.getAttribute('role') === 'img')
want controls_are_labelled: [...document.querySelectorAll('input')].every(i => i.labels.length > 0 || i.getAttribute('aria-label'))
want steps_add_up: steps(1)
want parts_add_up: parts(0) === true && parts(1)
want bars_are_the_bill: bars()
do window.first = texts(); window.usd = [now('usd 0'), now('usd 1')]; window.month = now('month 0'); window.save = now('save 1'); window.svgs = [...document.querySelectorAll('svg[data-chart]')].map(s => s.outerHTML); 0
# ---- a price: as the run at that price ----
do window.dear = new Map($dear)
do put('p0', 20)
want as_a_new_run: [...dear].map(([k, v]) => [k, now(k), num(v)]).filter(([k, a, b]) => Math.abs(a - b) > 0.0101 + 1e-5 * Math.abs(b)).join('; ') || dear.size > 30
want price_moved_it: now('usd 0') > 1.3 * usd[0]
want steps_add_up_then: steps(1)
want parts_add_up_then: parts(0) === true && parts(1)
want bars_follow: bars()
want says_what_was: document.querySelector('[data-v="usd 0"] .was').textContent.startsWith('as simulated: ')
want says_that_sentences_stay: !document.querySelector('.as-was').hidden
want slider_follows: near(Number(document.querySelector('[data-for=p0]').value), 20, 0.1)
want waterfall_is_drawn_anew: document.querySelector('svg[data-chart=steps]').textContent.includes(document.querySelector('[data-v="from 1"] .now').textContent)
do document.getElementById('restore').click()
want reset_brings_all_back: texts() === first
want reset_brings_charts_back: [...document.querySelectorAll('svg[data-chart]')].map(s => s.outerHTML).join() === svgs.join()
want reset_brings_controls_back: document.getElementById('p0').value === '12'
# ---- at the price of the run the panel reckons what the run did ----
do put('p0', 12.000001)
want as_the_run: near(now('usd 0'), usd[0]) === true && near(now('usd 1'), usd[1])
do document.getElementById('restore').click()
# ---- by hand: all nodes are on demand ----
do put('discount', 25)
want a_quarter_less: near(now('usd 0'), 0.75 * usd[0]) === true && near(now('usd 1'), 0.75 * usd[1])
want saving_stays: near(now('save 1'), save, 0.0001)
want discount_is_a_step_of_both: near(now('step 1 10'), -0.25 * (usd[1] - usd[0]), 0.02)
want steps_add_up_with_a_discount: steps(1)
do put('share', 50)
want share_of_the_default_reserved_discount: near(now('usd 0'), 0.75 * 0.85 * usd[0])
do put('less', 60)
want share_of_another: near(now('usd 0'), 0.75 * 0.7 * usd[0])
do document.getElementById('restore').click()
do put('share', 40)
do put('less', 50)
want reserved_alone: near(now('usd 1'), 0.8 * usd[1])
do document.getElementById('restore').click()
do put('hours', 365)
want half_the_hours: near(now('month 0'), month / 2, 0.0101)
want cost_of_a_run_stays: now('usd 0') === usd[0]
do put('hours', '')
want nothing_is_the_default: now('month 0') === month
do put('p0', -5)
want no_price_below_nothing: now('usd 0') >= 0
do document.getElementById('restore').click()
want reset_at_the_end: texts() === first
# ---- the filter ----
do (i => { i.value = 'CPU gpu-NODE'; i.dispatchEvent(new Event('input')); })(document.getElementById('filter'))
want filter_leaves_some: (n => n > 0 && n < document.querySelectorAll('.inputs tbody tr').length)([...document.querySelectorAll('.inputs tbody tr')].filter(r => !r.hidden).length)
# ---- keys ----
do document.activeElement.blur(); scrollTo(0, 0); window.seen = new Set(); document.addEventListener('focusin', e => seen.add(e.target.id || e.target.className.baseVal || e.target.type)); 0
key Tab
want first_is_the_skip_link: document.activeElement.className === 'skip'
$(for i in $(seq 60); do echo "key Tab"; done)
want tab_reaches_the_controls: ['theme', 'p0', 'p1', 'discount', 'share', 'less', 'hours', 'restore', 'chart', 'filter'].filter(k => !seen.has(k)).join() || true
do document.getElementById('p0').focus(); document.getElementById('p0').select()
type 20
want typing_moves_it: now('usd 0') > 1.3 * usd[0]
do document.getElementById('restore').focus()
key Enter
want enter_resets: texts() === first
do document.querySelector('svg[data-chart=parts]').focus({focusVisible: true})
want tip_on_focus: !document.getElementById('tip').hidden && document.getElementById('tip').textContent.includes('USD')
do window.tip0 = document.getElementById('tip').textContent; 0
key ArrowRight
want arrow_moves_the_tip: document.getElementById('tip').textContent !== tip0
key Escape
want escape_hides_it: document.getElementById('tip').hidden
want focus_is_seen: getComputedStyle(document.activeElement).outlineStyle !== 'none'
# ---- looks ----
want light_is_light: getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'
want light_contrast: (w => w[0] >= 4.5 || w.join(' '))(worst())
want light_bars: faint()
media screen dark
want dark_is_dark: getComputedStyle(document.body).backgroundColor === 'rgb(18, 22, 26)'
want dark_contrast: (w => w[0] >= 4.5 || w.join(' '))(worst())
want dark_bars: faint()
want button_knows: document.getElementById('theme').getAttribute('aria-pressed') === 'true'
do document.getElementById('theme').click()
want button_turns_it: getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)' && document.getElementById('theme').getAttribute('aria-pressed') === 'false'
media print dark
want print_is_light: getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'
want print_contrast: (w => w[0] >= 4.5 || w.join(' '))(worst())
want print_has_no_controls: [...document.querySelectorAll('input, button')].every(e => e.getClientRects().length === 0)
want print_breaks_no_chart: getComputedStyle(document.querySelector('figure')).breakInside === 'avoid'
media screen light
quiet after_all_that
# ---- widths ----
size 1280 900
want no_scroll_at_1280: document.documentElement.scrollWidth <= document.documentElement.clientWidth
size 768 900
want no_scroll_at_768: document.documentElement.scrollWidth <= document.documentElement.clientWidth
size 360 740
open $dir/small.html
want no_scroll_at_360: document.documentElement.scrollWidth <= 360 || document.documentElement.scrollWidth
want viewport_is_the_phone: document.documentElement.clientWidth === 360
want texts_of_charts_can_be_read: [...document.querySelectorAll('svg.chart')].every(s => s.getBoundingClientRect().width / 480 * parseFloat(getComputedStyle(s.querySelector('text')).fontSize) >= 8.4)
do document.querySelectorAll('details').forEach(d => { d.open = true; })
want no_scroll_with_all_open: document.documentElement.scrollWidth <= 360 || document.documentElement.scrollWidth
do document.getElementById('p0').value = 9999; document.getElementById('p0').dispatchEvent(new Event('input'))
want no_scroll_with_large_prices: document.documentElement.scrollWidth <= 360 || document.documentElement.scrollWidth
# ---- names ----
open $dir/hostile.html
quiet hostile_loads
want nothing_ran: window.hit === undefined
want no_elements_of_names: document.querySelectorAll('img, [onerror], [onload], [onfocus]').length === 0 && document.querySelectorAll('script').length === 2
want title_is_the_name: document.title === '</title><script>window.hit=1</scr' + 'ipt> \u2013 Stageplan'
want heading_is_the_name: document.querySelector('h1 bdi').textContent === '</title><script>window.hit=1</scr' + 'ipt>'
want policy_is_the_name: document.querySelectorAll('.compare thead bdi')[0].textContent === '=HYPERLINK("x")<!--'
want long_name_is_all_there: document.querySelectorAll('.compare thead bdi')[1].textContent.length === 100 && document.querySelector('.about').textContent.includes('x'.repeat(300))
want long_name_wraps: document.querySelectorAll('.compare thead bdi')[1].getBoundingClientRect().width < 360
want direction_stays_inside: [...document.querySelectorAll('th bdi')].some(e => e.textContent.includes('\u05D0\u05D1\u05D2') && getComputedStyle(e).unicodeBidi === 'isolate')
want no_scroll_with_long_names: document.documentElement.scrollWidth <= 360 || document.documentElement.scrollWidth
do [...document.querySelectorAll('svg.chart')].forEach(s => { s.focus(); s.dispatchEvent(new KeyboardEvent('keydown', {key: 'End'})); })
do document.getElementById('p0').value = 3; document.getElementById('p0').dispatchEvent(new Event('input'))
want nothing_ran_later: window.hit === undefined && document.querySelectorAll('img, script[src]').length === 0
quiet hostile_stays_quiet
# ---- its policy stops what a script would load ----
do const s = document.createElement('script'); s.textContent = 'window.hit = 9'; document.body.append(s)
do document.body.insertAdjacentHTML('beforeend', '<img src="http://localhost:9/x.png">')
want nothing_else_may_run: window.hit === undefined
# ---- without script ----
script off
size 1280 900
open $dir/small.html
quiet without_script
want story_without_script: document.querySelector('.lead').textContent.includes('apart')
want charts_without_script: document.querySelector('svg[data-chart=parts] rect title').textContent.includes('USD')
want no_controls_without_script: document.getElementById('panel').getClientRects().length === 0 && document.querySelector('.nojs').getClientRects().length > 0
END

# ---- the price on demand is what spot nodes are compared with ----
browse <<END
open $dir/options-dear.html
print [...document.querySelectorAll('[data-v]')].filter(e => ['usd','step','to','from'].includes(e.dataset.v.split(' ')[0])).map(e => [e.dataset.v, e.textContent])
END
dear=$(grep '^\[' "$dir/out")
browse <<END
open $dir/options.html
do $num
do $now
do $set_
do window.dear = new Map($dear)
do put('p0', 20)
want list_price_as_a_new_run: [...dear].map(([k, v]) => [k, now(k), num(v)]).filter(([k, a, b]) => Math.abs(a - b) > 0.0101).join('; ') || dear.size > 10
# ---- a policy that costs nothing ----
open $dir/free.html
do $set_
do put('p0', 20)
want a_bill_moved: document.querySelector('[data-v="usd 1"] .now') !== null
want nothing_is_a_number: !/NaN|undefined|Infinity/.test(document.body.innerText)
# ---- what did not do the work is not the cheapest, and saves nothing ----
open $dir/stuck.html
do $set_
want no_saving_of_the_stuck: document.querySelector('[data-v^="saved "]') === null
do put('p0', 3)
want none_is_the_cheapest: document.getElementById('now').textContent.startsWith('None is') || document.getElementById('now').textContent
# ---- everything for nothing: nobody saves ----
open $dir/last.html
do $set_
do put('discount', 100)
want nothing_below_nothing: document.getElementById('now').textContent.endsWith('at 0.00 USD a run.') || document.getElementById('now').textContent
want no_saving_on_nothing: [...document.querySelectorAll('[data-v^="save "] .now')].map(e => e.textContent).join() === '-,-'
# ---- a box says what is reckoned with ----
do window.leave = (id, v) => { put(id, v); document.getElementById(id).dispatchEvent(new Event('change', {bubbles: true})); return document.getElementById(id).value; }; 0
want below_the_least: leave('discount', -5) === '0' && leave('p0', -5) === '0'
want above_the_most: leave('hours', 9999) === '744' && leave('p0', 1e30) === '1000000000'
want emptied: leave('p0', '') === document.getElementById('p0').defaultValue
want kept: leave('p0', 7.123) === '7.123'
END

[ "$failures" -eq 0 ]
