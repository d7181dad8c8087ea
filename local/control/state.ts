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
  const depths = engines.sqs.depths();
  const isDeadLetterQueue = (name: string) =>
    assembly.queues.some((queue) => queue.name === name && deadLetterArns.has(queue.arn));
  return {
    urls,
    clock: clockState(host),
    functions: assembly.functions.map((fn) => ({
      name: fn.name,
      logicalId: fn.logicalId,
      memoryMb: fn.memoryMb,
      timeoutSeconds: fn.timeoutSeconds,
      running: pool.running(fn.name),
    })),
    tables: assembly.tables.map(({ name }) => name),
    queues: depths.filter(({ name }) => !isDeadLetterQueue(name)),
    deadLetters: depths.filter(({ name }) => isDeadLetterQueue(name)),
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
