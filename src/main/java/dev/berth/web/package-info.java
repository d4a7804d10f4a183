/** The pages. They hold no rules of their own: they ask the services that the API asks too, and show what those say. */
package dev.berth.web;
