// One GraphQL request over fetch, and what a refusal is.

// `code` is the API's, `field` the argument it is about, `extensions` all that came with it.
export class ApiError extends Error {
  constructor(error) {
    super(error.message);
    this.code = error.extensions?.code ?? 'INTERNAL';
    this.field = error.extensions?.field;
    this.extensions = error.extensions ?? {};
  }
}

const unreachable = () => new ApiError({ message: 'The server cannot be reached just now.', extensions: { code: 'UNREACHABLE' } });

// What was asked for, or the first refusal as an ApiError. `abort` is an AbortSignal.
export async function post(query, variables = {}, { token, abort } = {}) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  let answer, body;
  try {
    answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }), signal: abort });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw unreachable();
  }
  try { body = await answer.json(); } catch { throw new ApiError({ message: `The server answered ${answer.status}.` }); }
  const first = body.errors?.[0] ?? (body.error && { message: body.error.message, extensions: body.error });
  if (first) throw new ApiError(first);
  return body.data;
}
