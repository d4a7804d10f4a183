// Sends the form of an upload in the background, to show how far it is, and then goes where the form alone would have
// led to.
for (const form of document.querySelectorAll('form[data-upload]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(form);
  });
}

function send(form) {
  const box = form.querySelector('.upload-progress');
  const bar = box.querySelector('progress');
  const words = box.querySelector('[role=status]');
  const button = form.querySelector('button');
  const request = new XMLHttpRequest();
  const data = new FormData(form);
  const over = (sentence) => {
    words.textContent = sentence;
    button.disabled = false;
  };
  box.hidden = false;
  button.disabled = true;
  request.upload.onprogress = (event) => {
    const percent = Math.floor((event.loaded / event.total) * 100);
    bar.value = percent;
    words.textContent = percent < 100 ? `${percent} % sent` : 'Sent. Berth checks the image …';
  };
  request.onload = () => {
    if (request.status < 400) {
      location.assign(form.getAttribute('action'));
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, 'text/html');
    const answer = page.querySelector('form[data-upload]')?.parentNode;
    if (answer) {
      // What is wrong stands beside the fields; the chosen file stays chosen.
      const file = form.querySelector('input[type=file]');
      const fresh = answer.querySelector('input[type=file]');
      fresh.replaceWith(file);
      file.classList.toggle('is-invalid', fresh.classList.contains('is-invalid'));
      form.parentNode.replaceWith(answer);
      const again = answer.querySelector('form[data-upload]');
      again.addEventListener('submit', (event) => {
        event.preventDefault();
        send(again);
      });
      answer.querySelector('[role=alert]')?.scrollIntoView({ block: 'center' });
    } else {
      over(`The server refused it (${request.status}). Try again.`);
    }
  };
  request.onerror = () => over('The connection broke. Try again.');
  request.open('POST', form.getAttribute('action'));
  request.setRequestHeader('X-Berth-Upload', 'script');
  request.send(data);
}
