import type { CustomContainerComponentProps } from "virtua";

/** The element around the messages that are shown. */
export function ItemsFrame({ style, children, ref }: CustomContainerComponentProps) {
  return (
    <div ref={ref as never} id="items" className="items" style={style}>
      {children}
    </div>
  );
}
