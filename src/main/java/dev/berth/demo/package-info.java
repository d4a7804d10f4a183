/** What the demo starts with: two tenants, four people, sizes and profiles. Made through the services. */
package dev.berth.demo;
