let recording = true;

/** Whether operations are being recorded for differentiation. */
export function isRecording(): boolean {
  return recording;
}

/** Runs `compute` with recording on or off. */
export function withRecording<T>(on: boolean, compute: () => T): T {
  const before = recording;
  recording = on;
  try {
    return compute();
  } finally {
    recording = before;
  }
}
