// Which page fills the view: routes by hash, the sections' links, sign-in, and faults that people can read.
import { person } from '../player/session/session.js';
import { logOut } from '../player/session/sign_in.js';
import { el } from '../page/element.js';
import { door } from './door.js';

const view = document.getElementById('view'), sections = document.getElementById('sections'), out = document.getElementById('sign-out');
let leave = [], latest = null;

// Called by a page for what must end when it is left: timers, watchers.
export const onLeave = (end) => leave.push(end);

export function frame({ title, allowed, refused }) {
  let routes = null;
  const render = async (event) => {
    for (const end of leave.splice(0)) end();
    out.hidden = sections.hidden = !person.value;
    if (!person.value) { routes = null; door(view, title); return; }
    const page = el('div'), hash = location.hash || '#/';
    latest = page;
    try {
      routes ??= await allowed();
      if (latest !== page) return;
      if (!routes.length) { view.replaceChildren(el('h1', {}, title), el('p', { class: 'nothing' }, refused)); sections.hidden = true; return; }
      links(routes, hash);
      for (const [pattern, fill, , name] of routes) {
        const found = new RegExp(`^${pattern}$`).exec(hash);
        if (!found) continue;
        document.title = `${name} · ${title} · Tutti`;
        await fill(page, ...found.slice(1).map(decodeURIComponent));
        break;
      }
      if (!page.childElementCount) { location.replace(routes[0][2]); return; }
    } catch (error) {
      if (!person.value) return;
      page.replaceChildren(el('h1', {}, 'This did not work'), el('div', { class: 'failed-box', role: 'alert' }, el('p', {}, error.message),
        el('button', { class: 'quiet', onclick: render }, 'Try again')));
    }
    if (latest !== page) return;
    view.replaceChildren(page);
    if (event?.type === 'hashchange') { view.focus(); scrollTo(0, 0); }
  };
  out.onclick = logOut;
  let who = person.value?.id;
  person.subscribe((now) => { if (now?.id !== who) { who = now?.id; routes = null; render(); } });
  addEventListener('hashchange', render);
  render();
}

function links(routes, hash) {
  sections.replaceChildren(...routes.filter(([, , href]) => href).map(([pattern, , href, name]) => el('a', { href,
    'aria-current': new RegExp(`^${pattern}$`).test(hash) || (href !== '#/' && hash.startsWith(`${href}/`)) ? 'page' : null }, name)));
}
