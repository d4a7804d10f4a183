/** What may be requested: images, sizes, network and storage profiles, and the templates made of them. */
package dev.berth.catalog;
