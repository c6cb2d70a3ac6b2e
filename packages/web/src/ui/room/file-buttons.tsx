import { useRef } from "react";
import type { IconName } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";

interface FileButtonsProps {
  readonly isDisabled: boolean;
  add(chosen: FileList | null): void;
}

/** Files of this device, and a picture that its camera takes now. The style sheet shows the second on devices held in the hand. */
export function FileButtons(props: FileButtonsProps) {
  return (
    <>
      <FileButton {...props} input="files" id="attach" icon="plus" label="Attach files" />
      <FileButton {...props} input="photo" id="camera" icon="camera" label="Take a picture" isCamera />
    </>
  );
}

interface FileButtonProps extends FileButtonsProps {
  readonly input: string;
  readonly id: string;
  readonly icon: IconName;
  readonly label: string;
  readonly isCamera?: boolean;
}

function FileButton({ isDisabled, add, input, id, icon, label, isCamera = false }: FileButtonProps) {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={chooser}
        id={input}
        type="file"
        {...(isCamera ? { accept: "image/*", capture: "environment" } : { multiple: true })}
        hidden
        onChange={({ currentTarget }) => {
          add(currentTarget.files);
          currentTarget.value = "";
        }}
      />
      <IconButton
        id={id}
        icon={icon}
        label={label}
        side="top"
        disabled={isDisabled}
        onClick={() => chooser.current?.click()}
      />
    </>
  );
}
