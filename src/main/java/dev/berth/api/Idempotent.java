package dev.berth.api;

import jakarta.enterprise.util.Nonbinding;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A call that may be sent again under the same {@code Idempotency-Key} and is then done once. The work, the key and the
 * answer are one transaction.
 */
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@interface Idempotent {
    /** How long the work may take. */
    @Nonbinding
    int seconds() default 60;

    /** Whether the body holds a password: then what is kept of it has to be slow to guess from. */
    @Nonbinding
    boolean secret() default false;
}
