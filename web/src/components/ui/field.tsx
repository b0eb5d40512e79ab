import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from '@/lib/cn';
import { useFieldError } from './form';

const BOX =
  'w-full rounded-control border border-control bg-raise px-2.5 text-ink transition-colors duration-[120ms] aria-invalid:border-danger disabled:bg-side disabled:text-ink-2';

interface Words {
  label: string;
  hint?: ReactNode;
  /** Whether the label is only for screen readers. */
  bare?: boolean;
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

function Labelled({
  label,
  hint,
  bare = false,
  name,
  className,
  children,
}: Words & {
  name: string | undefined;
  className?: string | undefined;
  children: (wiring: Wiring) => ReactNode;
}) {
  const id = useId();
  const wrong = useFieldError(name);
  const said = wrong ?? hint;
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className={bare ? 'sr-only' : 'font-medium text-sm'}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': said ? `${id}-said` : undefined,
        'aria-invalid': wrong !== null,
      })}
      {said && (
        <p
          id={`${id}-said`}
          className={cn('text-xs', wrong === null ? 'text-ink-3' : 'text-danger-text')}
        >
          {said}
        </p>
      )}
    </div>
  );
}

export function Field({
  label,
  hint,
  bare,
  className,
  ...input
}: Words & Omit<ComponentProps<'input'>, 'id'>) {
  return (
    <Labelled {...{ label, hint, bare: bare ?? false, className }} name={input.name}>
      {(wiring) => <input {...input} {...wiring} className={cn(BOX, 'h-9 touch:h-11')} />}
    </Labelled>
  );
}

export function AreaField({
  label,
  hint,
  bare,
  className,
  mono,
  ...area
}: Words & { mono?: boolean } & Omit<ComponentProps<'textarea'>, 'id'>) {
  return (
    <Labelled {...{ label, hint, bare: bare ?? false, className }} name={area.name}>
      {(wiring) => (
        <textarea
          dir="auto"
          {...area}
          {...wiring}
          className={cn(BOX, 'min-h-20 py-2', mono && 'font-mono text-sm')}
        />
      )}
    </Labelled>
  );
}

export function SelectField({
  label,
  hint,
  bare,
  className,
  options,
  ...select
}: Words & {
  options: readonly { value: string; label: string }[];
} & Omit<ComponentProps<'select'>, 'id'>) {
  return (
    <Labelled {...{ label, hint, bare: bare ?? false, className }} name={select.name}>
      {(wiring) => (
        <select {...select} {...wiring} className={cn(BOX, 'h-9 touch:h-11')}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

export function CheckField({
  label,
  hint,
  className,
  ...input
}: Omit<Words, 'bare'> & Omit<ComponentProps<'input'>, 'id' | 'type'>) {
  const id = useId();
  return (
    <div className={cn('flex items-start gap-2.5', className)}>
      <input
        id={id}
        type="checkbox"
        aria-describedby={hint ? `${id}-said` : undefined}
        {...input}
        className="mt-0.5 size-4 shrink-0 accent-accent touch:size-5"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
        {hint && (
          <p id={`${id}-said`} className="text-ink-3 text-xs">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
