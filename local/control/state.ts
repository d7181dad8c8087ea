import type { Running } from "../host.ts";

export function clockState({ clock }: Running) {
  return { now: new Date(clock.now()).toISOString(), offsetMs: clock.offset() };
}

/** What runs, where, and what lies in the queues. */
export function hostState(host: Running) {
  const { assembly, engines, pool, urls } = host;
  const deadLetterArns = new Set([
    ...assembly.queues.flatMap(({ redrive }) => redrive?.deadLetterArn ?? []),
    ...assembly.eventSources.flatMap(({ onFailureArn }) => onFailureArn ?? []),
    ...assembly.functions.flatMap(({ deadLetterArn }) => deadLetterArn ?? []),
  ]);
  const queues = assembly.queues.map(({ name, arn }) => {
    const { ready = 0, delayed = 0, inFlight = 0 } = engines.sqs.depths().find((it) => it.name === name) ?? {};
    return { name, visible: ready, delayed, inFlight, deadLetterQueue: deadLetterArns.has(arn) };
  });
  const { apis, ...own } = urls;
  return {
    urls: { ...own, ...Object.fromEntries(assembly.httpApis.map(({ name }) => [name, apis[name]])) },
    clock: clockState(host),
    functions: assembly.functions.map((fn) => ({
      name: fn.name,
      logicalId: fn.logicalId,
      memoryMb: fn.memoryMb,
      timeoutSeconds: fn.timeoutSeconds,
      running: pool.running(fn.name),
    })),
    tables: assembly.tables.map(({ name }) => name),
    queues,
    schedules: assembly.schedules.map(({ name, enabled, expression, timezone }) => ({
      name,
      enabled,
      expression,
      timezone,
    })),
    users: engines.signIn?.users.map(({ username, email, groups }) => ({ username, email, groups })) ?? [],
    lostMailEvents: host.mailbox.lost(),
    outputs: assembly.outputs,
  };
}
