import { FileUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

interface DropZoneProps {
  /** What dropping does, said while files hover. */
  text: string;
  onDrop: (dropped: DataTransfer) => void;
}

/** Takes files dropped anywhere on the window; shows where they will go while they hover. */
export function DropZone({ text, onDrop }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    // Enter and leave fire for every element passed over; the count says when the window is left.
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      // Without this the browser would leave the page to open the file.
      if (carriesFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) latest.current(event.dataTransfer);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', hover);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', hover);
      window.removeEventListener('drop', drop);
    };
  }, []);
  if (!over) return null;
  return (
    <div className="anim-fade pointer-events-none fixed inset-3 z-50 flex items-center justify-center rounded-panel border-2 border-accent border-dashed bg-bg/90">
      <p className="flex items-center gap-3 font-medium text-accent-text text-lg">
        <FileUp aria-hidden className="size-6" />
        {text}
      </p>
    </div>
  );
}
