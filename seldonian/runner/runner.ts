/** Where independent pieces of work are done: here, in threads, or on other machines. */
export interface Runner<Request, Answer> {
  /** How many pieces it does at a time. */
  readonly count: number;
  /** Does a piece of work, which is asked for while fewer than `count` are being done. */
  run(request: Request): Promise<Answer>;
  /** Ends what it has started. */
  end(): void;
}

/** How pieces of work are seen to. */
export interface RunOptions<Answer> {
  /** Called with every answer and its place, in the order of the requests, as soon as all before it are there. */
  onAnswer?: (answer: Answer, place: number) => void;
  /** Takes no further work; answers that come after that are left out. */
  signal?: AbortSignal;
}

/** Work that is done here, one piece after the other. */
export function runHere<Request, Answer>(work: (request: Request) => Promise<Answer>): Runner<Request, Answer> {
  return { count: 1, run: work, end() {} };
}

/**
 * Does pieces of work, as many at a time as the runner takes.
 * @returns the answers in the order of the requests: all of them, or as many as came before the signal, without a gap
 */
export async function runAll<Request, Answer>(
  runner: Runner<Request, Answer>,
  requests: readonly Request[],
  { onAnswer, signal }: RunOptions<Answer> = {},
): Promise<Answer[]> {
  const found = new Map<number, Answer>(), answers: Answer[] = [];
  let next = 0;
  const take = async () => {
    while (next < requests.length && !signal?.aborted) {
      const place = next++, answer = await runner.run(requests[place]);
      if (signal?.aborted) return;
      found.set(place, answer);
      for (let i; found.has(i = answers.length);) {
        answers.push(found.get(i)!);
        onAnswer?.(answers[i], i);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(runner.count, requests.length) }, take));
  return answers;
}
