/** A machine's screen in the browser: tickets, the WebSocket relay to QEMU's VNC socket, and its page. */
package dev.berth.console;
