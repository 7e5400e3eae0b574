// What the pages behind mailed links share: the token behind '#', one question to the API, and what they say.

export const token = () => location.hash.slice(1);
export const part = (id) => document.getElementById(id);

export async function ask(query, variables) {
  let body;
  try {
    const answer = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    body = await answer.json();
  } catch { throw new Error('The server cannot be reached just now. Try again in a moment.'); }
  const fault = body.errors?.[0] ?? body.error;
  if (fault) throw new Error(fault.message);
  return body.data;
}

export function say(title, words) {
  part('title').textContent = title;
  part('words').textContent = words;
  part('refusal').textContent = '';
  part('title').focus();
}

// A form of these elements; `send` does the work and returns what to say when it is done.
export function form(label, elements, send) {
  const form = part('form'), button = document.createElement('button');
  button.className = 'primary';
  button.textContent = label;
  form.replaceChildren(...elements, button);
  form.hidden = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    part('refusal').textContent = '';
    try {
      const [title, words] = await send();
      form.hidden = true;
      // A link is good once: nobody needs it in the address any more.
      history.replaceState(null, '', location.pathname);
      say(title, words);
    } catch (fault) {
      part('refusal').textContent = fault.message;
    } finally { button.disabled = false; }
  };
}

export function field(id, words, attributes) {
  const label = document.createElement('label'), input = document.createElement('input');
  label.htmlFor = id;
  label.textContent = words;
  Object.assign(input, { id, name: id, required: true, ...attributes });
  input.setAttribute('aria-describedby', 'refusal');
  return { label, input };
}

export function needsToken() {
  if (token()) return true;
  say(part('title').textContent, 'This link is not whole: open it from the mail again, or copy all of it.');
  return false;
}
