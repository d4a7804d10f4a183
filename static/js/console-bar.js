// The bar's buttons, menus, the paste dialog and the touch keyboard.

const { BACKSPACE, MODIFIERS, chord, duration, lines, press, type, typeAll, untypable } =
  await import(`./console-keys.js${new URL(import.meta.url).search}`);

const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];

/** @param screen what the buttons act on: `rfb` (or null), `viewOnly`, `fit`, `connect()`, `power(form)` */
export function wire(screen) {
  const back = () => screen.rfb?.focus();
  $$('[data-chord]').forEach((button) => button.addEventListener('click', () => {
    chord(screen.rfb, button.dataset.chord);
    closeMenus();
    back();
  }));
  $$('[data-hold]').forEach((button) => button.addEventListener('click', () => {
    hold(screen.rfb, button, button.getAttribute('aria-pressed') !== 'true');
    back();
  }));
  $$('[data-connect]').forEach((button) => button.addEventListener('click', () => screen.connect()));
  $$('[data-take-over]').forEach((button) => button.addEventListener('click', () => {
    closeMenus();
    screen.takeOver();
  }));
  $$('[data-power]').forEach((form) => form.addEventListener('submit', (event) => {
    event.preventDefault();
    closeMenus();
    screen.power(form);
  }));
  toggle($('#console-view-only'), (on) => { screen.viewOnly = on; });
  toggle($('#console-fit'), (on) => { screen.fit = on; });
  fullScreen();
  menus();
  leaving(screen);
  paste(screen, back);
  touch(screen);
}

/** After connecting, losing the connection or a change of view only. */
export function refresh(screen) {
  const live = Boolean(screen.rfb);
  $$('[data-needs="keys"]').forEach((button) => { button.disabled = !live || screen.viewOnly; });
  $$('[data-hold]').forEach((button) => button.setAttribute('aria-pressed', 'false'));
  $('#console-view-only').setAttribute('aria-pressed', String(screen.viewOnly));
}

function hold(rfb, button, down) {
  const [keysym, code] = MODIFIERS[button.dataset.hold];
  rfb.sendKey(keysym, code, down);
  button.setAttribute('aria-pressed', String(down));
}

function toggle(button, set) {
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(on));
    set(on);
  });
}

// The whole page goes full screen, so the bar stays in reach.
function fullScreen() {
  const button = $('#console-full');
  if (!document.fullscreenEnabled) {
    button.hidden = true;
    return;
  }
  button.addEventListener('click', () => {
    (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())
      .catch(() => {});
  });
  document.addEventListener('fullscreenchange', () => {
    button.setAttribute('aria-pressed', String(Boolean(document.fullscreenElement)));
  });
}

function closeMenus(except) {
  $$('.console-menu[open]').forEach((menu) => { menu.open = menu === except; });
}

function menus() {
  document.addEventListener('pointerdown', (event) => closeMenus(event.target.closest('.console-menu')));
  $$('.console-menu').forEach((menu) => menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  }));
}

// The screen takes every key, so there must be a way out of it: the three modifiers together.
function leaving(screen) {
  document.addEventListener('keydown', (event) => {
    if (screen.rfb && event.ctrlKey && event.altKey && event.shiftKey && $('#console-screen').contains(event.target)) {
      event.stopPropagation();
      screen.letGo();
      $('[data-chord]:not(:disabled), #console-view-only').focus();
    }
  }, true);
}

function paste(screen, back) {
  const dialog = $('#console-paste-dialog');
  const text = $('#console-paste-text');
  const note = $('#console-paste-note');
  const send = $('#console-paste-send');
  let typing = false;
  const describe = () => {
    const bad = untypable(text.value);
    const seconds = Math.ceil(duration(text.value) / 1000);
    const many = bad.length > 20 ? ' and others' : '';
    note.textContent = bad.length
      ? `These can't be typed and will be left out: ${bad.slice(0, 20).map(visible).join(' ')}${many}`
      : `${lines(text.value).length} characters, about ${seconds} s`;
  };
  $('#console-paste').addEventListener('click', () => {
    text.value = '';
    describe();
    dialog.showModal();
    text.focus();
  });
  text.addEventListener('input', describe);
  dialog.addEventListener('close', () => {
    typing = false;
    send.disabled = false;
    back();
  });
  send.addEventListener('click', async () => {
    const rfb = screen.rfb;
    const total = lines(text.value).length;
    typing = true;
    send.disabled = true;
    await typeAll(rfb, text.value, (done) => {
      note.textContent = `${done} of ${total} typed`;
      return typing && screen.rfb === rfb;
    });
    dialog.close();
  });
}

function visible(character) {
  return character.trim() && character >= ' ' ? character : `U+${character.codePointAt(0).toString(16).padStart(4, '0')}`;
}

// Phones show their keyboard for a text field only: what is typed there is passed on and taken out again.
function touch(screen) {
  const field = $('#console-typing');
  $('#console-keyboard').addEventListener('click', () => field.focus());
  field.addEventListener('beforeinput', (event) => {
    if (!screen.rfb) {
      return;
    }
    if (event.inputType === 'deleteContentBackward') {
      press(screen.rfb, [BACKSPACE]);
    } else if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph') {
      type(screen.rfb, '\n');
    }
  });
  field.addEventListener('input', (event) => {
    if (event.isComposing) {
      return;
    }
    if (event.inputType?.startsWith('insert') && screen.rfb) {
      lines(field.value.trim() === '' ? (event.data ?? '') : field.value.slice(1)).forEach((one) => {
        if (one !== '\n') {
          type(screen.rfb, one);
        }
      });
    }
    field.value = ' ';
  });
  field.value = ' ';
}
