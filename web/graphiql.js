// The page at GET /graphql: GraphiQL when its packages are installed, a plain box for queries when they are not.
// Signing in keeps the tokens in this tab only, sends them with each request and renews them when they run out.

const PACKAGES = [
  ["react", "react/umd/react.production.min.js"],
  ["react-dom", "react-dom/umd/react-dom.production.min.js"],
  ["graphql-ws", "graphql-ws/umd/graphql-ws.min.js"],
  ["graphiql", "graphiql/graphiql.min.js"],
];
const FIRST_QUERY = `# Ctrl+Enter runs this.
{
  newReleases(limit: 5) {
    title
    artist { name }
    songs { title duration audioUrl }
  }
}
`;
const GIVEN_QUERY = new URLSearchParams(location.search).get("query");
const KEPT = "tutti.tokens";
const $ = (id) => document.getElementById(id);

let tokens = JSON.parse(sessionStorage.getItem(KEPT) || "null");
let renewing = null;

function keep(fresh) {
  tokens = fresh;
  if (fresh) sessionStorage.setItem(KEPT, JSON.stringify(fresh));
  else sessionStorage.removeItem(KEPT);
  $("sign-in").hidden = Boolean(fresh);
  $("signed-in").hidden = !fresh;
  $("who").textContent = fresh ? `Signed in as ${fresh.user}` : "";
}

async function post(request, headers = {}) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json", ...headers },
    body: JSON.stringify(request),
  });
  return { status: answer.status, body: await answer.json() };
}

const bearer = () => (tokens ? { Authorization: `Bearer ${tokens.token}` } : {});
const SIGNED_IN = "{ token refreshToken user { username } }";

function take(body, field) {
  const given = body.data && body.data[field];
  if (!given) throw new Error(body.errors ? body.errors[0].message : "No answer.");
  keep({ token: given.token, refreshToken: given.refreshToken, user: given.user.username });
}

async function renew() {
  // Several requests may find the token expired at once; a refresh token is good for one renewal only.
  renewing ??= post({
    query: `mutation ($t: String!) { refreshToken(refreshToken: $t) ${SIGNED_IN} }`,
    variables: { t: tokens.refreshToken },
  })
    .then(({ body }) => take(body, "refreshToken"))
    .catch(() => keep(null))
    .finally(() => { renewing = null; });
  await renewing;
}

async function ask(request, headers = {}) {
  const own = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  const first = await post(request, { ...(own ? {} : bearer()), ...headers });
  if (first.status !== 401 || own || !tokens) return first.body;
  await renew();
  return (await post(request, { ...bearer(), ...headers })).body;
}

let challenge = null;

// With a challenge the form asks for the code of an authenticator, without one for name and password.
function askFor(form, fresh) {
  challenge = fresh;
  for (const field of [form.email, form.password]) field.hidden = Boolean(fresh);
  form.code.hidden = !fresh;
  form.code.required = Boolean(fresh);
  if (fresh) form.code.focus();
}

function logIn(form) {
  if (challenge) {
    return post({
      query: `mutation ($h: String!, $c: String!) { completeLogin(challenge: $h, code: $c) ${SIGNED_IN} }`,
      variables: { h: challenge, c: form.code.value },
    });
  }
  return post({
    query: `mutation ($e: String!, $p: String!) { login(email: $e, password: $p) ${SIGNED_IN} }`,
    variables: { e: form.email.value, p: form.password.value },
  });
}

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  $("note").textContent = "";
  try {
    const { body } = await logIn(form);
    const refused = body.errors?.[0]?.extensions;
    if (refused?.code === "SECOND_FACTOR_REQUIRED") {
      askFor(form, refused.challenge);
      $("note").textContent = "Enter the code of your authenticator, or a recovery code.";
      return;
    }
    if (refused?.code === "CHALLENGE_INVALID") askFor(form, null);
    take(body, challenge ? "completeLogin" : "login");
    askFor(form, null);
    form.reset();
  } catch (error) {
    $("note").textContent = error.message;
    form.code.value = "";
  }
});

$("sign-out").addEventListener("click", async () => {
  await ask({ query: "mutation { logout { success } }" }).catch(() => {});
  keep(null);
});

function load(path) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `/web/node_modules/${path}`;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

async function missing() {
  const absent = [];
  for (const [name, path] of PACKAGES) await load(path).catch(() => absent.push(name));
  return absent;
}

function showGraphiql() {
  const socket = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`;
  const sockets = window.graphqlWs.createClient({
    url: socket,
    lazy: true,
    connectionParams: () => bearer(),
  });
  const listen = (request) => ({
    [Symbol.asyncIterator]: () => sockets.iterate(request),
  });
  const isSubscription = (request, document) => {
    const operations = document.definitions.filter((definition) => definition.kind === "OperationDefinition");
    const chosen = operations.find((operation) => operation.name?.value === request.operationName) ?? operations[0];
    return chosen?.operation === "subscription";
  };
  const fetcher = (request, options = {}) => {
    const listening = options.documentAST && isSubscription(request, options.documentAST);
    return listening ? listen(request) : ask(request, options.headers || {});
  };
  const room = window.ReactDOM.createRoot($("graphiql"));
  room.render(
    window.React.createElement(window.GraphiQL, {
      fetcher,
      defaultQuery: FIRST_QUERY,
      ...(GIVEN_QUERY ? { query: GIVEN_QUERY } : {}),
      defaultEditorToolsVisibility: true,
      shouldPersistHeaders: false,
    }),
  );
}

function showPlain(absent) {
  const plain = $("plain").content.cloneNode(true);
  const query = plain.querySelector("[name=query]");
  const variables = plain.querySelector("[name=variables]");
  const shown = plain.querySelector("pre");
  plain.querySelector(".plain-why").textContent =
    `This is the plain page, because ${absent.join(", ")} could not be loaded. For GraphiQL with completion and ` +
    "documentation run `make web` and load this page again.";
  query.value = GIVEN_QUERY ?? FIRST_QUERY;
  const run = async () => {
    shown.textContent = "…";
    try {
      const given = variables.value.trim() ? JSON.parse(variables.value) : undefined;
      shown.textContent = JSON.stringify(await ask({ query: query.value, variables: given }), null, 2);
    } catch (error) {
      shown.textContent = String(error);
    }
  };
  plain.querySelector("button").addEventListener("click", run);
  plain.querySelector("section").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  $("graphiql").replaceChildren(plain);
}

keep(tokens);
const absent = await missing();
if (absent.length === 0) showGraphiql();
else showPlain(absent);
