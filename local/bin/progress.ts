import type { WriteStream } from "node:tty";

/** Shows how the start comes on: a bar on a terminal, one line for each step elsewhere, nothing when quiet. */
export interface Progress {
  done(step: string): void;
  /** What is being done now, for steps that take long. */
  doing(step: string): void;
  end(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const width = 24;

export function createProgress(out: WriteStream, total: number, quiet: boolean): Progress {
  if (quiet) return { done: () => undefined, doing: () => undefined, end: () => undefined };
  return out.isTTY ? bar(out, total) : lines(out, total);
}

function lines(out: WriteStream, total: number): Progress {
  const started = performance.now();
  let count = 0;
  return {
    done(step) {
      count += 1;
      out.write(`[${count}/${total}] ${step} (${seconds(started)} s)\n`);
    },
    doing: () => undefined,
    end: () => undefined,
  };
}

function bar(out: WriteStream, total: number): Progress {
  const started = performance.now();
  let count = 0;
  let frame = 0;
  let label = "starting";
  const draw = () => {
    frame = (frame + 1) % frames.length;
    const filled = Math.round((Math.min(count, total) / total) * width);
    const gauge = "█".repeat(filled) + "░".repeat(width - filled);
    out.write(`\r\u001b[2K${frames[frame]} ${gauge} ${label} (${seconds(started)} s)`);
  };
  const timer = setInterval(draw, 100);
  return {
    done(step) {
      count += 1;
      label = `${step} ready`;
      draw();
    },
    doing(step) {
      label = step;
      draw();
    },
    end() {
      clearInterval(timer);
      out.write("\r\u001b[2K");
    },
  };
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
