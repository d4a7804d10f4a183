// Keys as VNC knows them: an X11 keysym, and the place on a US keyboard that QEMU turns into a scan code.

const CTRL = [0xffe3, 'ControlLeft'];
const ALT = [0xffe9, 'AltLeft'];
const SHIFT = [0xffe1, 'ShiftLeft'];
const WIN = [0xffeb, 'MetaLeft'];
const ENTER = [0xff0d, 'Enter'];
const TAB = [0xff09, 'Tab'];
const ESC = [0xff1b, 'Escape'];
export const BACKSPACE = [0xff08, 'Backspace'];

export const MODIFIERS = { ctrl: CTRL, alt: ALT, win: WIN };

// The places of a US keyboard: each with what it types alone and with Shift.
const PLACES = {
  Backquote: '`~', Minus: '-_', Equal: '=+', BracketLeft: '[{', BracketRight: ']}', Backslash: '\\|',
  Semicolon: ';:', Quote: '\'"', Comma: ',<', Period: '.>', Slash: '/?', Space: '  ',
};
')!@#$%^&*('.split('').forEach((shifted, digit) => { PLACES[`Digit${digit}`] = `${digit}${shifted}`; });
'abcdefghijklmnopqrstuvwxyz'.split('').forEach((letter) => {
  PLACES[`Key${letter.toUpperCase()}`] = letter + letter.toUpperCase();
});

const CHARACTERS = new Map([['\n', { key: ENTER, shift: false }], ['\t', { key: TAB, shift: false }]]);
for (const [code, [plain, shifted]] of Object.entries(PLACES)) {
  CHARACTERS.set(shifted, { key: [shifted.charCodeAt(0), code], shift: true });
  CHARACTERS.set(plain, { key: [plain.charCodeAt(0), code], shift: false });
}

const CHORDS = { 'ctrl-alt-del': [CTRL, ALT, [0xffff, 'Delete']], tab: [TAB], esc: [ESC] };
for (let n = 1; n <= 12; n++) {
  CHORDS[`ctrl-alt-f${n}`] = [CTRL, ALT, [0xffbd + n, `F${n}`]];
}

/** What a text can't be typed with: each such character once. */
export function untypable(text) {
  return [...new Set(lines(text))].filter((character) => !CHARACTERS.has(character));
}

/** The characters of a text, with every kind of line end as one. */
export function lines(text) {
  return [...text.replace(/\r\n?/g, '\n')];
}

/** Presses keys together and lets them go in the other order. */
export function press(rfb, keys) {
  keys.forEach(([keysym, code]) => rfb.sendKey(keysym, code, true));
  [...keys].reverse().forEach(([keysym, code]) => rfb.sendKey(keysym, code, false));
}

export function chord(rfb, name) {
  press(rfb, CHORDS[name]);
}

/** Types one character; false if no key of a US keyboard has it. */
export function type(rfb, character) {
  const found = CHARACTERS.get(character);
  if (found) {
    press(rfb, found.shift ? [SHIFT, found.key] : [found.key]);
  }
  return Boolean(found);
}

const PAUSE = 20;
const LINE_PAUSE = 80;

/** Roughly how long typing takes, in milliseconds. */
export function duration(text) {
  return lines(text).reduce((sum, character) => sum + (character === '\n' ? LINE_PAUSE : PAUSE), 0);
}

/**
 * Types a text slowly enough for a guest's keyboard buffer.
 *
 * @param each called after each character with how many are done; stops when it returns false
 */
export async function typeAll(rfb, text, each) {
  let done = 0;
  for (const character of lines(text)) {
    type(rfb, character);
    done++;
    if (each(done) === false) {
      return;
    }
    await new Promise((resolve) => { setTimeout(resolve, character === '\n' ? LINE_PAUSE : PAUSE); });
  }
}
