let recording = true;

/** Whether operations are recorded for differentiation now. */
export function isRecording(): boolean {
  return recording;
}

/** Does something with recording on or off. */
export function withRecording<T>(on: boolean, compute: () => T): T {
  const before = recording;
  recording = on;
  try {
    return compute();
  } finally {
    recording = before;
  }
}
