import { Box, Text } from "ink";
import type { Colors } from "../../colors.ts";
import { DIM } from "../model/spans.ts";
import type { View, ViewColumn } from "../model/view.ts";
import { painted, RowText } from "./row.tsx";

const DIVIDER = { text: "│", style: DIM };

interface ScreenProps {
  readonly view: View;
  readonly colors: Colors;
}

/** Rooms, messages and members beside each other; below them the status and the typed line. */
export function Screen({ view, colors }: ScreenProps) {
  const { columns, height, rooms, middle, side, status, input } = view;
  return (
    <Box flexDirection="column" width={columns}>
      <Box height={height}>
        {rooms && <Column column={rooms} colors={colors} />}
        {rooms && <Divider height={height} />}
        <Column column={middle} colors={colors} />
        {side && <Divider height={height} />}
        {side && <Column column={side} colors={colors} />}
      </Box>
      <RowText row={status} colors={colors} />
      {input.rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name.
        <RowText key={index} row={[{ text: row }]} colors={colors} />
      ))}
    </Box>
  );
}

function Column({ column, colors }: { readonly column: ViewColumn; readonly colors: Colors }) {
  return (
    <Box flexDirection="column" width={column.columns} flexShrink={0}>
      {column.rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name.
        <RowText key={index} row={row} colors={colors} />
      ))}
    </Box>
  );
}

function Divider({ height }: { readonly height: number }) {
  return (
    <Box width={1} flexShrink={0}>
      <Text>{Array.from({ length: height }, () => painted(DIVIDER, "none")).join("\n")}</Text>
    </Box>
  );
}
