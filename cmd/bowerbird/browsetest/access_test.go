package browsetest

// rules are the basics of accessibility that a script can see; it returns what
// is wrong. Contrast is of text on the nearest opaque background colour: text over
// pictures is left out.
const rules = `(() => {
	const bad = [];
	const open = document.querySelector('dialog[open]');
	const root = open ?? document.body;
	const name = (e) => (e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') ?? '').split(' ').map((i) => document.getElementById(i)?.textContent ?? '').join(' ') ||
		e.labels?.[0]?.textContent || e.textContent || [...e.querySelectorAll('img')].map((i) => i.alt).join(' ') || e.title || '').trim();
	const seen = (e) => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1 && e.checkVisibility({ opacityProperty: true, visibilityProperty: true }); };
	const say = (e, what) => bad.push(what + ': ' + e.outerHTML.slice(0, 160));
	if (!document.documentElement.lang) bad.push('the document has no language');
	if (!document.title) bad.push('the document has no title');
	const h1 = [...document.querySelectorAll('h1')];
	if (h1.length !== 1) bad.push(h1.length + ' h1: ' + h1.map((h) => h.textContent).join(' | '));
	const ids = new Set();
	for (const e of document.querySelectorAll('[id]')) { if (ids.has(e.id)) say(e, 'an id twice'); ids.add(e.id); }
	for (const e of root.querySelectorAll('img')) if (!e.hasAttribute('alt')) say(e, 'a picture without alt');
	for (const e of root.querySelectorAll('button, a[href], input:not([type=hidden], [aria-hidden=true]), select, textarea, summary, [role=button], [role=option], [role=menuitem]')) {
		if (!seen(e)) continue;
		if (!name(e)) say(e, 'a control without a name');
		const r = e.getBoundingClientRect();
		if (r.width < 24 && r.height < 24) say(e, 'a control of ' + Math.round(r.width) + ' x ' + Math.round(r.height) + ' pixels');
	}
	const at = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const rgb = (c) => { at.clearRect(0, 0, 1, 1); at.fillStyle = c; at.fillRect(0, 0, 1, 1); const d = at.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
	const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
	const done = new Set();
	const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || done.has(e) || !seen(e) || e.closest('.frame, svg, :disabled, [aria-hidden=true]')) continue;
		done.add(e);
		let ground = null, over = 1;
		for (let p = e; p && !ground; p = p.parentElement) {
			const s = getComputedStyle(p);
			over *= Number(s.opacity);
			const c = rgb(s.backgroundColor);
			if (c[3] > 0.9) ground = c;
			else if (c[3] > 0 || s.backgroundImage !== 'none') break;
		}
		if (!ground || over < 1) continue;
		const s = getComputedStyle(e), f = rgb(s.color);
		if (f[3] < 1) for (let i = 0; i < 3; i++) f[i] = f[i] * f[3] + ground[i] * (1 - f[3]);
		const [a, b] = [light(f), light(ground)].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(s.fontSize);
		const want = size >= 24 || size >= 18.66 && Number(s.fontWeight) >= 700 ? 3 : 4.5;
		if (ratio < want) say(e, 'contrast ' + ratio.toFixed(2) + ', want ' + want);
	}
	return bad;
})()`

// accessible checks the basics on what is shown.
func (v *visit) accessible(where string) {
	v.t.Helper()
	v.still()
	for _, what := range ask[[]string](v.browser, rules) {
		v.t.Errorf("%s: %s", where, what)
	}
}

// focusSeen checks that whoever uses the keyboard sees where they are.
func (v *visit) focusSeen(where string) {
	v.t.Helper()
	const seen = `(() => {
		const e = document.activeElement;
		if (!e || e === document.body) return 'nothing has the focus';
		const ring = (x, pseudo) => { const s = getComputedStyle(x, pseudo); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'; };
		for (let x = e; x && x !== document.body; x = x.parentElement) if (ring(x) && (x === e || x.matches(':focus-within'))) return '';
		for (const x of e.querySelectorAll('*')) if (ring(x) || ring(x, '::after')) return '';
		return 'no ring around ' + e.outerHTML.slice(0, 160);
	})()`
	if s := ask[string](v.browser, seen); s != "" {
		v.t.Errorf("%s: %s", where, s)
	}
}
