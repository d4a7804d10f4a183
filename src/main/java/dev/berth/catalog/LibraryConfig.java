package dev.berth.catalog;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where images live and how large they may be ({@code berth.library.*}). */
@ConfigMapping(prefix = "berth.library")
public interface LibraryConfig {
    /** The library: every web process and every host must see it under this path. */
    @WithDefault("/var/lib/berth/images")
    String directory();

    /** Files in this directory of the server may be imported by name; without it only uploads are. */
    Optional<String> importDirectory();

    /** The largest file that may be uploaded or imported. */
    @WithDefault("20")
    long maxFileGib();

    /** How often each image's contents are compared with what was imported. */
    @WithDefault("24h")
    Duration digestInterval();

    /** The largest disk that an image may describe. */
    @WithDefault("1024")
    long maxVirtualGib();

    /**
     * Hosts that images may be fetched from: {@code cloud.example.org}, {@code *.example.org} for all names below it, with
     * {@code :8443} for another port than the usual, {@code :*} for any. Without any, none are fetched.
     */
    Optional<List<String>> urlHosts();

    /** What addresses of images may begin with: {@code https}, and {@code http} where one knows why. */
    @WithDefault("https")
    Set<String> urlSchemes();

    /** Networks (CIDR) of private or local addresses that images may be fetched from all the same. */
    Optional<List<String>> urlNetworks();

    /** Certificates (PEM) that servers of images are checked against instead of those that Java trusts. */
    Optional<String> urlCaFile();

    /** Whether an admin has to say what the file's digest is. */
    @WithDefault("true")
    boolean urlDigestRequired();

    /** Public keys (as of {@code gpg --export}) of which one must have signed what names the digest; without it, nobody has to. */
    Optional<String> urlKeyring();

    /** How long a server of images may send nothing. */
    @WithDefault("30s")
    Duration urlIdle();

    /** How long fetching an image may take in all. */
    @WithDefault("4h")
    Duration urlTime();
}
