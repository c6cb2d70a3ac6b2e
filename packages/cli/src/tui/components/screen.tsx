import { Box, Text } from "ink";
import type { View, ViewColumn } from "../model/view.ts";
import { RowText } from "./row.tsx";

interface ScreenProps {
  readonly view: View;
  readonly isColored: boolean;
}

/** Rooms, messages and members beside each other; below them the status and the typed line. */
export function Screen({ view, isColored }: ScreenProps) {
  const { columns, height, rooms, middle, side, status, input } = view;
  return (
    <Box flexDirection="column" width={columns}>
      <Box height={height}>
        {rooms && <Column column={rooms} isColored={isColored} />}
        {rooms && <Divider height={height} />}
        <Column column={middle} isColored={isColored} />
        {side && <Divider height={height} />}
        {side && <Column column={side} isColored={isColored} />}
      </Box>
      <RowText row={status} isColored={isColored} />
      {input.rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name.
        <RowText key={index} row={[{ text: row }]} isColored={isColored} />
      ))}
    </Box>
  );
}

function Column({ column, isColored }: { readonly column: ViewColumn; readonly isColored: boolean }) {
  return (
    <Box flexDirection="column" width={column.columns} flexShrink={0}>
      {column.rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name.
        <RowText key={index} row={row} isColored={isColored} />
      ))}
    </Box>
  );
}

function Divider({ height }: { readonly height: number }) {
  return (
    <Box width={1} flexShrink={0}>
      <Text dimColor>{Array.from({ length: height }, () => "│").join("\n")}</Text>
    </Box>
  );
}
