import { cn } from '@/lib/cn';

/** Something is under way; the words beside it say what. */
export function Spinner({ className }: { className?: string }) {
  return (
    <span
      aria-hidden
      className={cn(
        'anim-turn size-3 shrink-0 rounded-full border-2 border-line border-t-accent',
        className,
      )}
    />
  );
}
