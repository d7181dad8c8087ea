/** What a digest looks like; each colour keeps 4.5:1 against its ground, in the light and in the dark. */
export const css = `body{margin:0;padding:20px 16px;background:#fff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif}
.page{max-width:600px;margin:0 auto}
h1{font-size:22px;line-height:1.25;margin:0 0 4px}
h2{font-size:17px;line-height:1.3;margin:28px 0 8px}
p{margin:0 0 12px}
.headline{font-size:17px;font-weight:600;margin:0 0 16px}
ul{margin:0;padding-left:20px}
table{border-collapse:collapse;width:100%;margin:0 0 12px}
th,td{padding:10px 12px 10px 0;border-bottom:1px solid #d9e0e6;text-align:left;vertical-align:top}
.quiet{color:#52606d;font-size:13px;font-weight:400}
th.quiet{font-weight:600}
.status{white-space:nowrap;font-weight:600;font-size:15px}
td.status{padding-right:0}
.good.status,.good .status{color:#1c6b3a}
.warn.status,.warn .status{color:#8a4b00}
.bad.status,.bad .status{color:#a11a1a}
.card{margin:0 0 12px;padding:12px 14px;background:#f5f7f9;border-left:4px solid #52606d}
.card.warn{border-color:#8a4b00}
.card.bad{border-color:#a11a1a}
.card p{margin:6px 0 0}
.card p:first-child,.card .quiet{margin:0}
.foot{margin:28px 0 0;padding:12px 0 0;border-top:1px solid #d9e0e6}
a{color:#1f5f93}
@media (prefers-color-scheme:dark){
body{background:#15191e;color:#e8edf2}
th,td,.foot{border-color:#3a4550}
.quiet{color:#a9b6c2}
.good.status,.good .status{color:#6fd394}
.warn.status,.warn .status{color:#f0b35a}
.bad.status,.bad .status{color:#ff8f8f}
.card{background:#1e242b}
.card.warn{border-color:#f0b35a}
.card.bad{border-color:#ff8f8f}
a{color:#8cc4f0}
}`;
