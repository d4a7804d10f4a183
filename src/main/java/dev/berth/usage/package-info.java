/** What teams, people and templates have used by day, what that costs, and when a limit will be met. */
package dev.berth.usage;
