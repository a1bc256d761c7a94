'use strict';
(() => {
  const root = document.documentElement;
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
  const by = (id) => document.getElementById(id);
  root.classList.add('on');

  /* ---- light and dark ---- */
  const theme = by('theme');
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark.matches;
  const showTheme = () => theme.setAttribute('aria-pressed', String(isDark()));
  theme.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    showTheme();
  });
  prefersDark.addEventListener('change', showTheme);
  showTheme();

  /* ---- tooltips: pointer, or focus and arrow keys ---- */
  const tip = by('tip');
  const svgName = 'http://www.w3.org/2000/svg';
  const keepTips = (svg) => {
    for (const mark of all('.t', svg)) {
      const title = mark.querySelector('title');
      if (title !== null) {
        mark.dataset.tip = title.textContent;
        title.remove();
      }
    }
  };
  let lit = null;
  const hide = () => {
    if (lit !== null) lit.classList.remove('at');
    lit = null;
    tip.hidden = true;
  };
  const show = (mark) => {
    hide();
    lit = mark;
    mark.classList.add('at');
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const width = root.clientWidth;
    const left = Math.min(Math.max(box.left + box.width / 2 - tip.offsetWidth / 2, 4),
      width - tip.offsetWidth - 4);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = Math.max(left, 4) + scrollX + 'px';
    tip.style.top = (above > 0 ? above : box.bottom + 8) + scrollY + 'px';
  };
  const onKey = (event) => {
    const marks = all('.t', event.currentTarget);
    const at = marks.indexOf(lit);
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: marks.length - 1 }[event.key];
    if (event.key === 'Escape') hide();
    if (next === undefined || marks.length === 0) return;
    event.preventDefault();
    show(marks[Math.min(Math.max(next, 0), marks.length - 1)]);
  };
  for (const svg of all('svg.chart')) {
    keepTips(svg);
    svg.addEventListener('pointerover', (event) => {
      const mark = event.target.closest('.t');
      if (mark !== null) show(mark); else hide();
    });
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('focus', () => {
      const first = svg.querySelector('.t');
      if (first !== null && svg.matches(':focus-visible')) show(first);
    });
    svg.addEventListener('blur', hide);
    svg.addEventListener('keydown', onKey);
  }

  /* ---- filter of the inputs ---- */
  const filter = by('filter');
  if (filter !== null) {
    const rows = all('.inputs tbody tr');
    filter.addEventListener('input', () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter((w) => w !== '');
      let n = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((w) => text.includes(w));
        n += row.hidden ? 0 : 1;
      }
      by('found').textContent = words.length > 0 ? n + ' of ' + rows.length : '';
    });
  }

  /* ---- what if ---- */
  const panel = by('panel');
  if (panel === null || by('data') === null) return;
  const data = JSON.parse(by('data').textContent);

  /* As report/html_text.c writes money. */
  const usd = (v) => {
    const size = Math.abs(v);
    const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
    const [whole, part] = size.toFixed(digits).split('.');
    return (v < 0 ? '\u2212' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + '.' + part;
  };
  const signed = (v) => (v > 0 ? '+' : '') + usd(v);
  const percent = (v) => (100 * v).toFixed(1) + '%';

  /* ---- controls ---- */
  const numbers = all('input[type=number]', panel);
  const ranges = new Map(all('input[type=range]', panel).map((r) => [r.dataset.for, r]));
  const value = (id, scale) => {
    const input = by(id);
    if (input === null) return null;
    const low = Number(input.min), high = Number(input.max), v = input.valueAsNumber;
    return (Number.isFinite(v) ? Math.min(Math.max(v, low), high) :
      Number(input.defaultValue)) * scale;
  };
  const asked = () => ({
    prices: data.types.map((t, i) => by('p' + i).value === by('p' + i).defaultValue ?
      t.price : value('p' + i, 1)),
    discount: value('discount', 0.01) || 0,
    share: value('share', 0.01) || 0,
    less: value('less', 0.01) || 0,
    hours: value('hours', 1),
  });

  /* Effective price now over that of the run, and the same at list. */
  const factors = (a) => data.types.map((t, i) => {
    const price = (k) => a.prices[k] / data.types[k].price;
    return {
      paid: t.ondemand ? price(i) * (1 - a.discount) * (1 - a.share * a.less) : price(i),
      list: t.list < 0 ? 1 : price(t.list),
    };
  });

  /* A bill in micro-dollars: by part as paid and at list, work by resource. */
  const billOf = (policy, f) => {
    const b = { known: policy.known, paid: data.parts.map(() => 0),
      list: data.parts.map(() => 0), work: [0, 0, 0], hours: [0, 0, 0], usd: [0, 0, 0] };
    for (const s of policy.sums) {
      const by = s.type < 0 ? { paid: 1, list: 1 } : f[s.type];
      s.paid.forEach((v, i) => { b.paid[i] += Math.round(v * by.paid); });
      s.list.forEach((v, i) => { b.list[i] += Math.round(v * by.list); });
      s.work.forEach((v, i) => { b.work[i] += Math.round(v * by.list); });
      s.hours.forEach((v, i) => { b.hours[i] += v; });
      s.usd.forEach((v, i) => { b.usd[i] += v * by.list; });
    }
    b.all = b.paid.reduce((sum, v) => sum + v, 0);
    return b;
  };

  /* As report/waterfall.c. */
  const volume = (from, to) => {
    let sum = 0;
    for (let r = 0; r < 3; r++) {
      const is = to.usd[r] / to.hours[r];
      const hours = is > 0 ? to.work[r] / is : 1e6 * to.hours[r];
      sum += (from.hours[r] > 0 && to.hours[r] > 0 ?
        Math.round(hours * from.usd[r] / from.hours[r]) : to.work[r]) - from.work[r];
    }
    return sum;
  };
  const stepsOf = (from, to) => {
    const steps = data.steps.map(() => 0);
    data.parts.forEach((part, i) => {
      steps[part.step] += to.list[i] - from.list[i];
      steps[data.purchase] += to.paid[i] - to.list[i] - (from.paid[i] - from.list[i]);
    });
    steps[data.volume] = volume(from, to);
    steps[data.mix] -= steps[data.volume];
    return steps;
  };

  /* ---- charts, laid out as report/html_cost.c does ---- */
  const draw = (svg, name, attributes, text, tipText) => {
    const e = document.createElementNS(svgName, name);
    for (const key of Object.keys(attributes)) e.setAttribute(key, attributes[key]);
    if (text !== null) e.textContent = text;
    if (tipText !== undefined) {
      e.dataset.tip = tipText;
      e.classList.add('t');
    }
    svg.append(e);
  };
  const fit = (text, n) => [...text].length > n ? [...text].slice(0, n - 1).join('') + '\u2026' : text;
  const nice = (v, n) => {
    const rough = v / n;
    if (!(rough > 0)) return 1 / n;
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 2.5, 5, 10].find((k) => k * power >= rough * (1 - 1e-9)) * power;
  };
  const tickText = (v) => Number(v.toPrecision(4)).toString();

  const drawParts = (svg, bills) => {
    const shown = bills.slice(0, data.charted);
    const end = 46 * shown.length + 4;
    const step = nice(Math.max(...shown.map((b) => b.all / 1e6)), 4);
    svg.replaceChildren();
    for (let i = 0; i <= 4; i++) {
      const x = 2 + 472 * i / 4;
      draw(svg, 'line', { x1: x, y1: 0, x2: x, y2: end, class: 'grid' }, null);
      draw(svg, 'text', { x: x, y: end + 16, class: i === 0 ? 'tick' : i === 4 ? 'tick e' : 'tick m' },
        tickText(i * step));
    }
    shown.forEach((b, p) => {
      const name = data.policies[p].name;
      let x = 2;
      draw(svg, 'text', { x: 2, y: 46 * p + 14, class: 'name' }, fit(name, 34));
      draw(svg, 'text', { x: 474, y: 46 * p + 14, class: 'e' },
        b.known ? usd(b.all / 1e6) + ' USD' : 'not known');
      data.parts.forEach((part, i) => {
        const width = b.paid[i] / 1e6 * 472 / (4 * step);
        if (!(width > 0)) return;
        draw(svg, 'rect', { x: x, y: 46 * p + 21, width: width, height: 18, class: 'p-' + part.name }, null,
          name + ', ' + part.name + ': ' + usd(b.paid[i] / 1e6) + ' USD, ' +
          (100 * b.paid[i] / b.all).toFixed(1) + ' %');
        x += width;
      });
    });
  };

  const drawSteps = (svg, from, to, fromName, toName) => {
    const steps = stepsOf(from, to);
    const told = data.steps.map((name, i) => i).filter((i) => steps[i] !== 0);
    const height = 26 * (told.length + 2) + 2;
    let at = from.all, lo = Math.min(0, from.all, to.all), hi = Math.max(from.all, to.all), y = 26;
    for (const s of steps) {
      at += s;
      lo = Math.min(lo, at);
      hi = Math.max(hi, at);
    }
    const place = (v) => 154 + 238 * (v - lo) / (hi > lo ? hi - lo : 1);
    const row = (top, name, look, a, b, text) => {
      const x = place(Math.min(a, b));
      draw(svg, 'text', { x: 0, y: top + 17, class: look === 'total' ? 'name' : 'step' }, fit(name, 18));
      draw(svg, 'rect', { x: x, y: top + 4, width: Math.max(place(Math.max(a, b)) - x, 0.8), height: 18,
        class: look }, null, name + ': ' + text + ' USD');
      draw(svg, 'text', { x: 478, y: top + 17, class: 'e' }, text);
    };
    svg.replaceChildren();
    svg.setAttribute('viewBox', '0 0 480 ' + height);
    draw(svg, 'line', { x1: place(0), y1: 0, x2: place(0), y2: height, class: 'grid' }, null);
    row(0, fromName, 'total', 0, from.all, usd(from.all / 1e6));
    at = from.all;
    for (const s of told) {
      row(y, data.steps[s], steps[s] < 0 ? 'less' : 'more', at, at + steps[s], signed(steps[s] / 1e6));
      at += steps[s];
      y += 26;
    }
    row(y, toName, 'total', 0, to.all, usd(to.all / 1e6));
  };

  /* ---- everything that money stands in ---- */
  const cells = all('[data-v]').map((e) => ({ e: e, key: e.dataset.v.split(' '),
    was: e.textContent, unit: / USD$/.test(e.textContent) ? ' USD' : '' }));
  const charts = all('svg[data-chart]').map((svg) => ({ svg: svg, view: svg.getAttribute('viewBox'),
    was: [...svg.childNodes] }));

  const newText = (cell, now, a) => {
    const [kind, p, k] = [cell.key[0], Number(cell.key[1]), Number(cell.key[2])];
    const base = data.base < 0 ? null : now[data.base];
    const runs = data.runs * a.hours;
    const bill = now[p];
    if (kind === 'hours') return String(a.hours);
    if (bill === undefined || !bill.known) return cell.was;
    switch (kind) {
    case 'usd': case 'to': return usd(bill.all / 1e6) + cell.unit;
    case 'from': return usd(base.all / 1e6);
    case 'month': return usd(bill.all / 1e6 * runs);
    case 'save': return base.all === 0 ? '-' : percent(bill.all === 0 ? 1 : 1 - (1 - Number(cell.e.dataset.n)) *
      bill.all / asRun[p].all * asRun[data.base].all / base.all);
    case 'saved': return usd((base.all - bill.all) / 1e6 * runs) + cell.unit;
    case 'unit': return usd(bill.all === 0 ? 0 : Number(cell.e.dataset.n) * bill.all / asRun[p].all);
    case 'part': return usd(bill.paid[k] / 1e6);
    case 'step': return signed(stepsOf(base, bill)[k] / 1e6);
    default: return cell.was;
    }
  };
  const moneyKeys = (a) => a.hours === data.hours ? [] : ['month', 'saved', 'hours'];
  const put = (cell, text, stale) => {
    cell.e.replaceChildren();
    cell.e.classList.toggle('stale', stale);
    if (text === cell.was && !stale) {
      cell.e.textContent = cell.was;
      return;
    }
    const b = document.createElement('span');
    b.className = stale ? 'stale' : 'now';
    b.textContent = stale ? cell.was : text;
    cell.e.append(b);
    if (cell.key[0] === 'hours') return;
    const was = document.createElement('span');
    was.className = 'was';
    was.textContent = stale ? 'as simulated; needs a new run' : 'as simulated: ' + cell.was;
    cell.e.append(was);
  };

  const neutral = factors({ prices: data.types.map((t) => t.price), discount: 0, share: 0, less: 0 });
  const asRun = data.policies.map((p) => billOf(p, neutral));
  const isAsRun = (a) => a.discount === 0 && a.share * a.less === 0 &&
    a.prices.every((v, i) => v === data.types[i].price);

  const sayNow = (now) => {
    const known = now.map((b, p) => ({ b: b, p: p }))
      .filter((x) => x.b.known && data.policies[x.p].compared);
    if (known.length === 0) {
      by('now').textContent = 'None is the cheapest: the policies cannot be compared.';
      return;
    }
    const best = known.reduce((x, y) => y.b.all < x.b.all ? y : x);
    const base = data.base < 0 ? null : now[data.base];
    let text = 'With these prices \u2068' + data.policies[best.p].name + '\u2069 is the cheapest, at ' +
      usd(best.b.all / 1e6) + ' USD a run';
    if (base !== null && base.known && best.b.all < base.all)
      text += ': ' + percent(1 - best.b.all / base.all) + ' below \u2068' +
        data.policies[data.base].name + '\u2069';
    by('now').textContent = text + '.';
  };

  const reckon = () => {
    const a = asked();
    const same = isAsRun(a);
    const now = same ? asRun : data.policies.map((p) => billOf(p, factors(a)));
    const only = moneyKeys(a);
    const moved = !same || only.length > 0;
    hide();
    for (const cell of cells) {
      const kind = cell.key[0];
      if (same && !only.includes(kind)) put(cell, cell.was, false);
      else if (kind === 'stays') put(cell, cell.was, !same);
      else put(cell, newText(cell, now, a), false);
    }
    for (const c of charts) {
      const to = Number(c.svg.dataset.to);
      if (same) {
        c.svg.replaceChildren(...c.was);
        c.svg.setAttribute('viewBox', c.view);
      } else if (c.svg.dataset.chart === 'parts') {
        drawParts(c.svg, now);
      } else {
        drawSteps(c.svg, now[data.base], now[to], data.policies[data.base].name, data.policies[to].name);
      }
    }
    for (const note of all('.as-was')) note.hidden = !moved;
    by('whatif').classList.toggle('moved', moved);
    if (same) by('now').textContent = moved ? 'A month of ' + a.hours + ' hours.' : '';
    else sayNow(now);
  };

  for (const input of numbers)
    input.addEventListener('input', () => {
      if (Number.isFinite(input.valueAsNumber)) ranges.get(input.id).value = input.value;
      reckon();
    });
  for (const [id, range] of ranges)
    range.addEventListener('input', () => {
      by(id).value = range.value;
      reckon();
    });
  /* A number that was left says what is reckoned with. */
  for (const input of numbers)
    input.addEventListener('change', () => {
      if (input.value === '') input.value = input.defaultValue;
      else if (!input.validity.valid) input.value = value(input.id, 1);
      ranges.get(input.id).value = input.value;
      reckon();
    });
  panel.addEventListener('submit', (event) => event.preventDefault());
  by('restore').addEventListener('click', () => {
    panel.reset();
    reckon();
  });
})();
