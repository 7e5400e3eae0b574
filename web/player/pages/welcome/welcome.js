// The way in: signing in, creating an account, the second step, and other providers.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { go } from '../../frame/router.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { cameBack, cameFrom, goToProvider, providers, waitingChallenge } from '../../session/providers.js';
import { person } from '../../session/session.js';
import { completeLogin, logIn, redeemSignIn, register } from '../../session/sign_in.js';
import { proving, waitsForProof } from './proving.js';
import { strengthOf, strengthMeter } from './strength.js';

const demo = document.querySelector('meta[name=tutti-demo]')?.content === 'true';
const DEMO = ['listener@demo.tutti', 'tutti-demo-2026'];

// Who just made an account here proves the address before they go on.
let joined = false;

// Where one was before, also when another provider's pages lay between: an address of the player's own, never another house's.
function wayBack(search) {
  const to = search.get('to') ?? cameFrom() ?? '/';
  const url = to.startsWith('/') && !to.startsWith('//') ? new URL(to, location.origin) : null;
  return url && url.origin === location.origin && !url.pathname.startsWith('/welcome') ? url.pathname + url.search : '/';
}

async function load({ search, abort }) {
  const back = wayBack(search);
  if (person.value) {
    const address = joined ? await waitsForProof() : null;
    joined = false;
    if (abort.aborted) return {};
    if (address) return { proof: proving(address, () => go(back, { replace: true })) };
    go(back, { replace: true });
    return { state: 'gone' };
  }
  const data = { back, joining: signal(search.has('new')), challenge: signal(waitingChallenge()), busy: signal(false), failed: signal(null), others: signal([]), strength: signal(null), leaving: signal(null) };
  providers().then((found) => { data.others.value = found; }, () => { /* the form is there */ });
  const code = cameBack('enter');
  if (code) enter(data, () => redeemSignIn(code));
  return data;
}

// Somebody who closed their account may have it back for some days; then they sign in.
async function stay(keepToken) {
  await ask('mutation($t: String!) { keepAccount(token: $t) { success } }', { t: keepToken });
  notice(t('welcome.kept'));
}

async function enter(data, act, { joins = false, stays = false } = {}) {
  if (data.busy.value) return;
  joined = joins;
  data.busy.value = true;
  data.failed.value = null;
  data.leaving.value = null;
  try {
    await act();
    if (!joins && !stays) go(data.back, { replace: true });
  } catch (error) {
    joined = false;
    if (error.code === 'ACCOUNT_LEAVING') data.leaving.value = error.extensions.keepToken;
    if (error.code === 'SECOND_FACTOR_REQUIRED') data.challenge.value = error.extensions.challenge;
    else if (error.code === 'CHALLENGE_INVALID') { data.challenge.value = null; data.failed.value = { message: t('welcome.too-late') }; } else data.failed.value = { message: error.message, field: error.field };
  }
  data.busy.value = false;
  // The button that was pressed lost the keyboard while it was busy.
  if (data.failed.value) (document.getElementById(`w-${data.failed.value.field}`) ?? document.querySelector('.welcome form input'))?.focus();
}

const fieldOf = (data, name) => (data.failed.value?.field === name ? data.failed.value.message : null);

const field = (data, { name, words, type = 'text', complete, hint = nothing, more = nothing, autofocus = false, input = null }) => {
  const refusal = fieldOf(data, name), id = `w-${name}`;
  return html`<label class="field" for=${id}><span>${words}</span>
    <input id=${id} name=${name} type=${type} autocomplete=${complete} required ?autofocus=${autofocus} maxlength="200" spellcheck="false" autocapitalize="off"
      aria-invalid=${refusal ? 'true' : nothing} aria-describedby=${`${id}-more`} @input=${input ?? nothing}>
    <span id="${id}-more">${refusal ? html`<span class="failed" role="alert">${refusal}</span>` : hint === nothing ? nothing : html`<span class="hint">${hint}</span>`}${more}</span></label>`;
};

function refused(data) {
  const { value } = data.failed;
  return value && !(data.joining.value && ['email', 'username', 'password'].includes(value.field)) ? html`<p class="failed" role="alert">${value.message}</p>
    ${data.leaving.value ? html`<p class="welcome-keep"><button type="button" class="button wide" ?disabled=${data.busy.value} @click=${() => { const kept = data.leaving.peek(); enter(data, () => stay(kept), { stays: true }); }}>${t('welcome.keep')}</button></p>` : nothing}` : nothing;
}

const submit = (data, act, options) => (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  enter(data, () => act(form), options);
};

const signIn = (data) => html`<form @submit=${submit(data, (form) => logIn(form.get('login'), form.get('password')))}>
  ${field(data, { name: 'login', words: t('welcome.login'), complete: 'username', autofocus: !demo })}
  ${field(data, { name: 'password', words: t('welcome.password'), type: 'password', complete: 'current-password' })}
  ${refused(data)}
  <button class="button main wide" ?disabled=${data.busy.value}>${t('frame.sign-in')}</button>
  <p class="welcome-more"><a class="link" href="/forgot">${t('welcome.forgot')}</a>
    <button type="button" class="link" @click=${() => { data.joining.value = true; data.failed.value = null; }}>${t('welcome.join')}</button></p></form>`;

const join = (data) => html`<form @submit=${submit(data, (form) => register(form.get('email'), form.get('username'), form.get('password')), { joins: true })}>
  ${field(data, { name: 'email', words: t('welcome.email'), type: 'email', complete: 'email', autofocus: true })}
  ${field(data, { name: 'username', words: t('welcome.username'), complete: 'username', hint: t('welcome.username-why') })}
  ${field(data, { name: 'password', words: t('welcome.password'), type: 'password', complete: 'new-password', hint: t('welcome.password-why'), more: strengthMeter(data.strength),
    input: ({ target }) => strengthOf(target.value, [...target.form.querySelectorAll('#w-email, #w-username')].map(({ value }) => value), data.strength) })}
  ${refused(data)}
  <button class="button main wide" ?disabled=${data.busy.value}>${t('welcome.create')}</button>
  <p class="welcome-more"><button type="button" class="link" @click=${() => { data.joining.value = false; data.failed.value = null; }}>${t('welcome.have-one')}</button></p></form>`;

const secondStep = (data) => html`<form class="code" @submit=${submit(data, (form) => completeLogin(data.challenge.value, form.get('code').trim()))}>
  <p>${t('welcome.second-step')}</p>
  ${field(data, { name: 'code', words: t('welcome.code'), complete: 'one-time-code', autofocus: true })}
  ${refused(data)}
  <button class="button main wide" ?disabled=${data.busy.value}>${t('welcome.continue')}</button>
  <p class="welcome-more"><button type="button" class="link" @click=${() => { data.challenge.value = null; data.failed.value = null; }}>${t('welcome.somebody-else')}</button></p></form>`;

const otherWays = (data) => (data.others.value.length ? html`<div class="welcome-others"><p class="facts">${t('welcome.or')}</p>
  ${data.others.value.map(({ name, title }) => html`<button type="button" class="button wide" @click=${() => goToProvider(name, { back: data.back })}>${t('welcome.with', { name: title })}</button>`)}</div>` : nothing);

export const page = {
  areas: ['welcome'],
  skeleton: 'text',
  load,
  title: () => t('frame.sign-in'),
  view: (data) => (data.state ? nothing : data.proof ? data.proof() : html`<div class="welcome">
    <img src="/web/icon.svg" alt="" width="64" height="64">
    <h1>${t(data.challenge.value ? 'welcome.second-title' : data.joining.value ? 'welcome.join-title' : 'welcome.title')}</h1>
    ${data.challenge.value || data.joining.value ? nothing : html`<p class="facts">${t('welcome.words')}</p>`}
    ${demo && !data.challenge.value && !data.joining.value ? html`<button class="button main wide" ?disabled=${data.busy.value} @click=${() => enter(data, () => logIn(...DEMO))}>${icon('play')}${t('welcome.demo')}</button>` : nothing}
    ${data.challenge.value ? secondStep(data) : data.joining.value ? join(data) : signIn(data)}
    ${data.challenge.value ? nothing : otherWays(data)}
  </div>`),
};
