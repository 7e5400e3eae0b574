// graphql-js, graphql-jit, Apollo Server or Mercurius with its JIT, in a folder that has them installed.
//
//   node node_rival.cjs SHELF.json {graphql-js|graphql-jit} alone ROUNDS
//   node node_rival.cjs SHELF.json {apollo|mercurius} serve PORT
//
// `alone` prints the median microseconds of one execution, with JSON written; `serve` answers on loopback.
"use strict";

const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const path = require("node:path");

const [shelfFile, name, what, number] = process.argv.slice(2);
const need = createRequire(path.join(process.cwd(), "here.js"));
const shelf = JSON.parse(readFileSync(shelfFile, "utf8"));
const resolvers = { Query: { songs: () => shelf.songs } };

function schema() {
  const { buildSchema } = need("graphql");
  const made = buildSchema(shelf.sdl);
  made.getQueryType().getFields().songs.resolve = resolvers.Query.songs;
  return made;
}

function once() {
  const { execute, parse } = need("graphql");
  const made = schema();
  const document = parse(shelf.query);
  if (name === "graphql-js") return () => JSON.stringify(execute({ schema: made, document }));
  // With its own writer of JSON, which is part of what it offers.
  const compiled = need("graphql-jit").compileQuery(made, document, "", { customJSONSerializer: true });
  return () => compiled.stringify(compiled.query(undefined, undefined, {}));
}

async function serve(port) {
  if (name === "apollo") {
    const { ApolloServer } = need("@apollo/server");
    const { startStandaloneServer } = need("@apollo/server/standalone");
    const server = new ApolloServer({ typeDefs: shelf.sdl, resolvers });
    await startStandaloneServer(server, { listen: { port, host: "127.0.0.1" } });
    return;
  }
  const app = need("fastify")();
  app.register(need("mercurius"), { schema: shelf.sdl, resolvers, jit: 1 });
  await app.listen({ port, host: "127.0.0.1" });
}

if (what === "serve") {
  serve(Number(number));
} else {
  const run = once();
  if (JSON.parse(run()).data.songs.length !== shelf.songs.length) throw new Error("wrong answer");
  const took = [];
  for (let round = 0; round < Number(number); round++) {
    const began = process.hrtime.bigint();
    run();
    took.push(Number(process.hrtime.bigint() - began));
  }
  took.sort((a, b) => a - b);
  console.log((took[took.length >> 1] / 1000).toFixed(2));
}
