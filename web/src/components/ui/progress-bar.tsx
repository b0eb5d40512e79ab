import { cn } from '@/lib/cn';

interface ProgressBarProps {
  label: string;
  done: number;
  all: number;
  className?: string;
}

/** How much of something is done, in words and as a bar. */
export function ProgressBar({ label, done, all, className }: ProgressBarProps) {
  const share = all === 0 ? 0 : Math.min(100, Math.round((done / all) * 100));
  return (
    <div className={cn('mt-2', className)}>
      <p className="text-ink-2 text-xs tabular">{label}</p>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuenow={share}
        aria-valuemin={0}
        aria-valuemax={100}
        className="mt-1 h-1 overflow-hidden rounded-full bg-line"
      >
        <div
          className="h-full bg-accent transition-[width] duration-[260ms]"
          style={{ width: `${share}%` }}
        />
      </div>
    </div>
  );
}
