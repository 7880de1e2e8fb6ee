// What a person would complain of in a page, for browse_test.go: each function returns a list of texts, "kind: what".
const visible = e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
const nameOf = e => (e.localName + (e.id ? '#' + e.id : '') + ' "' + (e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 40) + '"');

function structure() {
	const bad = [];
	const one = (selector, what) => {
		const n = document.querySelectorAll(selector).length;
		if (n !== 1) bad.push(`landmarks: there are ${n} of ${what}`);
	};
	if (!document.documentElement.lang) bad.push('landmarks: the page does not say its language');
	if (!document.title) bad.push('landmarks: the page has no title');
	one('main', 'main'); one('body > header', 'header'); one('body > footer', 'footer'); one('nav[aria-label]', 'named nav');
	one('meta[name=viewport]', 'viewport');
	const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.localName[1]);
	if (levels.filter(l => l === 1).length !== 1 || levels[0] !== 1) bad.push('headings: the first must be the only h1, they are ' + levels);
	levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) bad.push(`headings: h${l} comes behind h${levels[i - 1]}`); });
	for (const e of document.querySelectorAll('[aria-labelledby]'))
		if (!document.getElementById(e.getAttribute('aria-labelledby'))) bad.push('landmarks: nothing labels ' + nameOf(e));
	for (const e of document.querySelectorAll('[role=region], section'))
		if (!e.hasAttribute('aria-label') && !e.hasAttribute('aria-labelledby')) bad.push('landmarks: a region without a name: ' + nameOf(e));
	for (const e of document.querySelectorAll('svg'))
		if (!e.hasAttribute('aria-label') && e.getAttribute('aria-hidden') !== 'true') bad.push('landmarks: a picture without a name');
	for (const e of document.querySelectorAll('th'))
		if (!e.scope) bad.push('landmarks: a heading of a table without a scope: ' + nameOf(e));
	for (const e of document.querySelectorAll('a'))
		if ((e.getAttribute('href') || '').startsWith('#') && !document.getElementById(e.getAttribute('href').slice(1))) bad.push('landmarks: a link leads nowhere: ' + nameOf(e));
	const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
	ids.forEach((id, i) => { if (ids.indexOf(id) !== i) bad.push('landmarks: two are called ' + id); });
	const first = focusable()[0];
	if (!first || first.getAttribute('href') !== '#' + document.querySelector('main')?.id) bad.push('focus: the first is no link to the content');
	return bad;
}

function overflow() {
	const page = document.documentElement;
	if (page.scrollWidth <= page.clientWidth) return [];
	const wide = [...document.querySelectorAll('body *')].filter(e => visible(e) && e.getBoundingClientRect().right > page.clientWidth + 1);
	return [`overflow: the page is ${page.scrollWidth} wide on ${page.clientWidth}: ${wide.slice(0, 3).map(nameOf)}`];
}

// What scrolls must be within reach of the keyboard as well.
function focusable() {
	return [...document.querySelectorAll('a, button, input, select, summary, [tabindex="0"]')].filter(e => visible(e) && (e.localName !== 'a' || e.hasAttribute('href')));
}

function focused() {
	const e = document.activeElement, s = getComputedStyle(e);
	let ring = s.outlineStyle === 'auto' || s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; // auto is the browser's own
	const box = e.namespaceURI.endsWith('svg') && e.querySelector('rect');
	if (box) ring = parseFloat(getComputedStyle(box).strokeWidth) >= 3;
	const r = e.getBoundingClientRect();
	return {index: focusable().indexOf(e), name: nameOf(e), visible: ring && r.bottom > 0 && r.top < innerHeight};
}

function unfold() {
	document.querySelectorAll('details').forEach(d => d.open = true);
	const bad = [];
	for (const e of document.querySelectorAll('body *'))
		if (visible(e) && !e.closest('svg') && e.tabIndex < 0 && /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1)
			bad.push('focus: what scrolls is out of the reach of the keyboard: ' + nameOf(e));
	return bad;
}

// On paper nothing scrolls and nothing unfolds, and what is scaled down to its width may be too small to be read.
function printed() {
	const bad = overflow().map(c => 'print: ' + c);
	for (const e of document.querySelectorAll('details'))
		if (visible(e) && !visible(e.lastElementChild)) bad.push('print: it is folded: ' + nameOf(e));
	for (const e of document.querySelectorAll('body *'))
		if (visible(e) && !e.closest('svg') && /auto|scroll|hidden/.test(getComputedStyle(e).overflowX) && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
			bad.push('print: it is cut off: ' + nameOf(e));
	for (const e of document.querySelectorAll('svg text')) {
		const size = parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a;
		if (visible(e) && size < 6.5) bad.push(`print: it is ${size.toFixed(1)} pixels high: ` + nameOf(e));
	}
	return bad;
}

// Contrast as WCAG 2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); 4.5 is what level AA asks of text.
function contrast() {
	const rgb = c => { const m = c.match(/[\d.]+/g).map(Number); return {c: m.slice(0, 3), a: m.length > 3 ? m[3] : 1}; };
	const light = c => c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = e => {
		if (e.localName === 'text') {
			for (let s = e.previousElementSibling; s; s = s.previousElementSibling)
				if (s.localName === 'rect') return rgb(getComputedStyle(s).fill);
			return rgb(getComputedStyle(e.ownerSVGElement.querySelector('rect')).fill);
		}
		for (; e; e = e.parentElement) {
			const b = rgb(getComputedStyle(e).backgroundColor);
			if (b.a > 0) return b;
		}
		return {c: [255, 255, 255], a: 1};
	};
	const bad = new Set(), seen = new Map();
	const check = (e, style, text) => {
		const front = rgb(e.localName === 'text' ? style.fill : style.color), back = behind(e);
		const [a, b] = [light(front.c), light(back.c)].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (front.a < 1 || back.a < 1 || ratio < 4.5) bad.add(`contrast: ${ratio.toFixed(2)} of ${front.c} on ${back.c}: ${e.localName}.${e.getAttribute('class') || ''} "${text.trim().slice(0, 30)}"`);
	};
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || ['style', 'script', 'title'].includes(e.localName) || !visible(e)) continue;
		check(e, getComputedStyle(e), walk.currentNode.data);
	}
	for (const e of document.querySelectorAll('body *')) {
		const s = getComputedStyle(e, '::before');
		if (visible(e) && s.content !== 'none' && s.content !== 'normal' && s.content !== '""') check(e, s, s.content);
	}
	return [...bad];
}
