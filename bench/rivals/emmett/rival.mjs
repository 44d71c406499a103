// Emmett's own way, one measurement a call: `node rival.mjs fill|load|rebuild URL ...`; prints one JSON value.
import { SQL } from "@event-driven-io/dumbo";
import {
  getPostgreSQLEventStore,
  postgreSQLRawBatchSQLProjection,
  rebuildPostgreSQLProjections,
} from "@event-driven-io/emmett-postgresql";

const AT_ONCE = 500;
const opened = { type: "OpportunityOpened", data: { title: "bench" } };
const called = {
  type: "CallLogged",
  data: {
    at: "2026-03-02T09:30:00+08:00",
    minutes: 12,
    outcome: "interactive",
    signals: ["asks_basics", "asks_results"],
    note: "Wants to know what it does for a workshop of forty people, and who else has it.",
    next_step: "send the comparison sheet",
    next_on: "2026-03-17",
  },
};
const evolve = (state, { type, data }) =>
  type === "OpportunityOpened"
    ? { title: data.title, calls: 0, nextOn: null }
    : { ...state, calls: state.calls + 1, nextOn: data.next_on };

// Its quicker kind of projection: a statement an event, where a document of Pongo's takes several.
const board = postgreSQLRawBatchSQLProjection({
  name: "board",
  canHandle: ["OpportunityOpened", "CallLogged"],
  init: () => SQL`CREATE TABLE IF NOT EXISTS board (stream text PRIMARY KEY, title text, calls int, next_on text)`,
  evolve: (events) =>
    events.map(({ type, data, metadata: { streamName } }) =>
      type === "OpportunityOpened"
        ? SQL`INSERT INTO board VALUES (${streamName}, ${data.title}, 0, NULL)`
        : SQL`UPDATE board SET calls = calls + 1, next_on = ${data.next_on} WHERE stream = ${streamName}`,
    ),
});

async function fill(url, streams, facts) {
  const store = getPostgreSQLEventStore(url);
  for (let stream = 0; stream < streams; stream++)
    for (let at = 0; at < facts; at += AT_ONCE)
      await store.appendToStream(
        `opportunity-${facts}-${stream}`,
        Array.from({ length: Math.min(AT_ONCE, facts - at) }, (_, n) => (at + n ? called : opened)),
      );
  await store.close();
}

async function load(url, facts, seconds) {
  const store = getPostgreSQLEventStore(url);
  const initialState = () => ({});
  let done = 0;
  const begin = performance.now();
  let took;
  do {
    const { currentStreamVersion, state } = await store.aggregateStream(`opportunity-${facts}-0`, {
      evolve,
      initialState,
    });
    if (Number(currentStreamVersion) !== facts || state.calls !== facts - 1) throw new Error("not all was loaded");
    done++;
    took = (performance.now() - begin) / 1000;
  } while (took < seconds);
  await store.close();
  return done / took;
}

async function rebuild(url, facts, batchSize) {
  const consumer = rebuildPostgreSQLProjections({
    connectionString: url,
    projections: [{ projection: board, startFrom: "BEGINNING" }],
    pulling: { batchSize },
  });
  const begin = performance.now();
  await consumer.start();
  const took = (performance.now() - begin) / 1000;
  await consumer.close();
  return facts / took;
}

const [what, url, ...numbers] = process.argv.slice(2);
const said = await { fill, load, rebuild }[what](url, ...numbers.map(Number));
console.log(JSON.stringify(said ?? null));
