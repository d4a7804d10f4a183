package dev.berth.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of digests by their signatures, which gpg(1) made once with a key that nobody has any more. */
class ImageSignatureTest {
    private static final byte[] KEYS =
            bytes("mDMEXgvhABYJKwYBBAHaRw8BAQdAKYxP1At0sy/tr2xNflRc8pLG1tyY5hOIu2W2y5umzEe0F1Rlc3QgPHRlc3RAZX"
                    + "hhbXBsZS5vcmc+iJAEExYIADgWIQRGUiQLMGgtUWMjzMt8u4Z6DzqByQUCXgvhAAIbAwULCQgHAgYVCgkICwIEFgID"
                    + "AQIeAQIXgAAKCRB8u4Z6DzqBydafAQC8Tw2bX5oqLbz/wPxoxKWpT9gi1qPrAUTM6kuGjmEdsQD/W4wrHRkBP38ihC"
                    + "/Vi24zniZwoqth5VLPRO3ZluYcWQ4=");
    private static final byte[] DETACHED =
            bytes("iHUEABYIAB0WIQRGUiQLMGgtUWMjzMt8u4Z6DzqByQUCXg0ygAAKCRB8u4Z6DzqByR8oAP9z0Y1KG3nOuCnRVfRVlo"
                    + "MwIsFMuAS73tKad1Uvu/kdQAD/SC/SWsMyABv/16/KuHb895fkxIs7sMQARInsn1rWgAw=");
    private static final byte[] INLINE =
            bytes("LS0tLS1CRUdJTiBQR1AgU0lHTkVEIE1FU1NBR0UtLS0tLQpIYXNoOiBTSEEyNTYKCmJiZDA1Y2Y2MDk3YWM5YjFmOD"
                    + "llYTI5ZDI1NDJjMWI3YjY3ZWU0Njg0ODM5Mzg5NWY1YTllNDNmYTFmNjIxZTUgIGRpc2sucmF3Ci0tLS0tQkVHSU4g"
                    + "UEdQIFNJR05BVFVSRS0tLS0tCgppSFVFQVJZSUFCMFdJUVJHVWlRTE1HZ3RVV01qek10OHU0WjZEenFCeVFVQ1hnMH"
                    + "lnQUFLQ1JCOHU0WjZEenFCCnlTVzRBUDQ2UlJOTHFrZmZlUExHUkFEZ2ZFclVTYlNaSHkzM1FpRjlEQk9hZ1ljRkx3"
                    + "RUEzanBLTVlCTlJPbGsKWlNPb3U1WmoxMU8yZXd3SE1yQ0E1UXZNMXdFekpRbz0KPVJidEIKLS0tLS1FTkQgUEdQIF"
                    + "NJR05BVFVSRS0tLS0tCg==");
    private static final String DIGEST = "bbd05cf6097ac9b1f89ea29d2542c1b7b67ee46848393895f5a9e43fa1f621e5";
    private static final String LIST = DIGEST + "  disk.raw\n";

    @TempDir
    private Path directory;

    private ImageSignature signature;

    @BeforeEach
    void place() throws IOException {
        Path ring = Files.write(directory.resolve("ring.gpg"), KEYS);
        signature = new ImageSignature(new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(LibraryConfig.class)
                .withSources(
                        new PropertiesConfigSource(Map.of("berth.library.url-keyring", ring.toString()), "test", 500))
                .build()
                .getConfigMapping(LibraryConfig.class));
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private byte[] signed(String list, byte[] detached) throws FetchException, IOException {
        return signature.signed(list.getBytes(StandardCharsets.UTF_8), detached, directory.resolve("work"));
    }

    @Test
    void whatTheKeysSignedIsTaken() throws Exception {
        assertThat(new String(signed(LIST, DETACHED), StandardCharsets.UTF_8)).isEqualTo(LIST);
        String inline = new String(INLINE, StandardCharsets.UTF_8);
        assertThat(ImageDigest.find(signed(inline, null), "disk.raw").hex()).isEqualTo(DIGEST);
        // What stands around the signed part is none of it.
        String more = inline + "\n" + "0".repeat(64) + "  other.raw\n";
        assertThatThrownBy(() -> ImageDigest.find(signed(more, null), "other.raw"))
                .isInstanceOf(FetchException.class);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void whatTheyDidNotSignIsNot() {
        String other = LIST.replace(DIGEST, "0".repeat(64));
        String inline = new String(INLINE, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> signed(other, DETACHED)).hasMessageContaining("berth.library.url-keyring");
        assertThatThrownBy(() -> signed(inline.replace(DIGEST, "0".repeat(64)), null))
                .isInstanceOf(FetchException.class);
        assertThatThrownBy(() -> signed(LIST, new byte[0])).isInstanceOf(FetchException.class);
        assertThatThrownBy(() -> signed(LIST, LIST.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(FetchException.class);
        assertThatThrownBy(() -> signed(LIST, null)).hasMessageContaining("not signed");
    }
}
