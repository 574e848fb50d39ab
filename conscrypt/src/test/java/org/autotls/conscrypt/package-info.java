@NullMarked
package org.autotls.conscrypt;

import org.jspecify.annotations.NullMarked;
