package dev.berth.hypervisor;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sources as QEMU's tools take them on a command line. Secrets stand there encrypted (AES-256-CBC); the key, made for
 * one command, is what the command reads from its standard input. So none is in a list of processes or in a file.
 *
 * @see <a href="https://www.qemu.org/docs/master/system/secrets.html">QEMU: providing secret data</a>
 */
final class QemuSources {
    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 16;
    private static final String TIMEOUT_SECONDS = "60";

    private final SecureRandom random = new SecureRandom();
    private final byte[] key = new byte[KEY_BYTES];
    private final List<String> objects = new ArrayList<>();

    QemuSources() {
        random.nextBytes(key);
    }

    /** Whether it has to be written as options, as a path can't name it. */
    static boolean needsOptions(BlockSource source) {
        return source.lun() != null;
    }

    /** As options, {@code driver=...}. */
    String options(BlockSource source) {
        return "driver=" + source.format()
                + (source.lun() == null ? ",file.filename=" + escaped(source.path()) : lun(source.lun()));
    }

    private String lun(IscsiLun lun) {
        StringBuilder options = new StringBuilder(",file.driver=iscsi,file.transport=tcp,file.timeout=")
                .append(TIMEOUT_SECONDS)
                .append(",file.portal=")
                .append(escaped(lun.portal()))
                .append(",file.target=")
                .append(escaped(lun.target()))
                .append(",file.lun=")
                .append(lun.number());
        if (!lun.initiator().isEmpty()) {
            options.append(",file.initiator-name=").append(escaped(lun.initiator()));
        }
        if (!lun.user().isEmpty()) {
            options.append(",file.user=").append(escaped(lun.user()));
            options.append(",file.password-secret=").append(secret(lun.secret()));
        }
        return options.toString();
    }

    private String secret(byte[] secret) {
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            String id = "secret" + objects.size();
            objects.add("secret,id=" + id + ",keyid=key,format=base64,iv=" + base64(iv) + ",data="
                    + base64(cipher.doFinal(secret)));
            return id;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A comma ends an option unless it is doubled. */
    private static String escaped(String text) {
        return text.replace(",", ",,");
    }

    /** The arguments that bring the secrets; none if no source has one. To be asked when all sources are written. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (!objects.isEmpty()) {
            arguments.addAll(List.of("--object", "secret,id=key,format=base64,file=/dev/stdin"));
            objects.forEach(object -> arguments.addAll(List.of("--object", object)));
        }
        return arguments;
    }

    /** What the command has to read; empty if no source has a secret. */
    String input() {
        return objects.isEmpty() ? "" : new String(Base64.getEncoder().encode(key), StandardCharsets.US_ASCII);
    }
}
