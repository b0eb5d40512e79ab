import { useTranslation } from 'react-i18next';
import { Field } from '@/components/ui/field';

interface NumberFieldProps {
  label: string;
  hint?: string;
  value: number | undefined;
  min: number;
  max: number;
  step: number;
  onChange: (value: number | undefined) => void;
}

/** A number that may be left to the installation's default. */
export function NumberField({ value, onChange, ...field }: NumberFieldProps) {
  const { t } = useTranslation();
  return (
    <Field
      {...field}
      type="number"
      placeholder={t('chatbots.usual')}
      value={value ?? ''}
      onChange={({ target }) => {
        const { valueAsNumber } = target;
        onChange(Number.isNaN(valueAsNumber) ? undefined : valueAsNumber);
      }}
    />
  );
}
