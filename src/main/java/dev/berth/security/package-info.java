/** Who is asking: users, the caller of a request and what it may see. */
package dev.berth.security;
